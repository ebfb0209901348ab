import type { Encoding } from "./format.ts";
import { type DataPage, type DictionaryPage, type EncodedPage, encodeDataPage, encodeDictionaryPage } from "./page.ts";

/** Least and greatest value as PLAIN bytes without a length; of text that was cut off they are bounds that no row may have. */
export interface ChunkBounds {
  min: Uint8Array;
  max: Uint8Array;
  isExact: boolean;
}

/** What the footer says of a chunk. */
export interface ChunkMetadata {
  encodings: Encoding[];
  rows: number;
  nullCount: number;
  /** Undefined where every row is NULL. */
  bounds: ChunkBounds | undefined;
  uncompressedBytes: number;
  compressedBytes: number;
  /** Of its dictionary page, which comes first; 0 where it has none. */
  dictionaryBytes: number;
}

export interface FinishedChunk {
  /** The bytes of the chunk, in order. */
  pieces: Uint8Array[];
  metadata: ChunkMetadata;
}

/** One column of the row group that is being written: its pages, compressed, until all columns have theirs. */
export class ColumnChunk {
  readonly #pages: EncodedPage[] = [];
  readonly #encodings = new Set<Encoding>(["RLE"]);
  #rows = 0;
  #nullCount = 0;
  #compressedBytes = 0;

  get compressedBytes(): number {
    return this.#compressedBytes;
  }

  addPage(page: DataPage): void {
    const encoded = encodeDataPage(page);
    this.#pages.push(encoded);
    this.#encodings.add(page.encoding);
    this.#rows += page.rows;
    this.#nullCount += page.nullCount;
    this.#compressedBytes += compressedSize(encoded);
  }

  /** @param dictionary that the pages with this encoding refer to */
  finish(dictionary: DictionaryPage | undefined, bounds: ChunkBounds | undefined): FinishedChunk {
    const isUsed = dictionary !== undefined && this.#encodings.has("RLE_DICTIONARY");
    const first = isUsed ? [encodeDictionaryPage(dictionary)] : [];
    if (isUsed) this.#encodings.add("PLAIN");
    const pages = [...first, ...this.#pages];
    const metadata = {
      encodings: [...this.#encodings],
      rows: this.#rows,
      nullCount: this.#nullCount,
      bounds,
      uncompressedBytes: sum(pages.map(({ uncompressedBytes }) => uncompressedBytes)),
      compressedBytes: sum(pages.map(compressedSize)),
      dictionaryBytes: sum(first.map(compressedSize)),
    };
    return { pieces: pages.flatMap(({ header, body }) => [header, body]), metadata };
  }
}

function compressedSize({ header, body }: EncodedPage): number {
  return header.length + body.length;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
