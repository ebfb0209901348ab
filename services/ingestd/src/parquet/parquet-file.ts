import { closeSync, openSync, writeSync, writevSync } from "node:fs";
import type { FinishedChunk } from "./column-chunk.ts";
import { encodeFooter, type RowGroup } from "./footer.ts";
import { MAGIC } from "./format.ts";
import type { ParquetColumn } from "./parquet-schema.ts";

/** Pieces that one writev may have (IOV_MAX of Linux). */
const PIECES_MAX = 1024;

/**
 * Writes a Parquet file, one row group after the other. https://parquet.apache.org/docs/file-format/
 * Calls block: it is for a thread that has nothing else to do.
 */
export class ParquetFile implements Disposable {
  readonly #file: number;
  readonly #columns: readonly ParquetColumn[];
  readonly #rowGroups: RowGroup[] = [];
  #offset = 0;

  /** Truncates what is there. */
  constructor(path: string, columns: readonly ParquetColumn[]) {
    this.#file = openSync(path, "w", 0o600);
    this.#columns = columns;
    this.#write([MAGIC]);
  }

  /** @param chunks one a column, all of the same number of rows */
  addRowGroup(chunks: FinishedChunk[]): void {
    const metadata = chunks.map((chunk) => chunk.metadata);
    this.#rowGroups.push({ offset: this.#offset, rows: metadata[0]!.rows, chunks: metadata });
    this.#write(chunks.flatMap(({ pieces }) => pieces));
  }

  /** Makes the file whole; without it no reader takes it for Parquet. */
  finish(): void {
    const footer = encodeFooter(this.#columns, this.#rowGroups);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    this.#write([footer, length, MAGIC]);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #write(pieces: Uint8Array[]): void {
    for (let from = 0; from < pieces.length; from += PIECES_MAX) this.#writeSome(pieces.slice(from, from + PIECES_MAX));
  }

  #writeSome(pieces: Uint8Array[]): void {
    const size = pieces.reduce((total, piece) => total + piece.length, 0);
    let written = writevSync(this.#file, pieces);
    // A disk that fills up takes a part first and refuses only the rest.
    if (written < size) {
      const bytes = Buffer.concat(pieces);
      while (written < size) written += writeSync(this.#file, bytes, written);
    }
    this.#offset += size;
  }
}
