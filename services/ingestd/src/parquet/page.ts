import { constants, zstdCompressSync } from "node:zlib";
import { CompactWriter } from "./compact-writer.ts";
import { type Encoding, encodings, pageTypes } from "./format.ts";
import { PAGE_COMPRESSION_LEVEL } from "./limits.ts";
import { packedBits, repeatedRun } from "./rle-hybrid.ts";

/** Values of one column that follow each other, as they come from the column. */
export interface DataPage {
  rows: number;
  nullCount: number;
  /** One bit a row, lowest first, 0 for NULL. */
  validity: Uint8Array;
  encoding: Exclude<Encoding, "RLE">;
  /** Of the rows that are not NULL. */
  values: Uint8Array;
}

export interface DictionaryPage {
  entries: number;
  /** PLAIN. */
  values: Uint8Array;
}

/** A page as it stands in the file. */
export interface EncodedPage {
  header: Uint8Array;
  body: Uint8Array;
  /** Of header and body, before compression. */
  uncompressedBytes: number;
}

const LEVELS_LENGTH_BYTES = 4;

/** Definition levels (here: NULL or not) in front of the values, compressed together: a data page of version 1, which every reader knows. */
export function encodeDataPage({ rows, nullCount, validity, encoding, values }: DataPage): EncodedPage {
  const levels = nullCount === 0 ? repeatedRun(rows, 1) : packedBits(rows, validity);
  const body = scratchOf(LEVELS_LENGTH_BYTES + levels.length + values.length);
  body.writeUInt32LE(levels.length, 0);
  body.set(levels, LEVELS_LENGTH_BYTES);
  body.set(values, LEVELS_LENGTH_BYTES + levels.length);
  return encodePage(body, pageTypes.DATA_PAGE, (thrift) => {
    thrift.struct(5, () => {
      thrift.i32(1, rows);
      thrift.i32(2, encodings[encoding]);
      thrift.i32(3, encodings.RLE);
      thrift.i32(4, encodings.RLE);
    });
  });
}

export function encodeDictionaryPage({ entries, values }: DictionaryPage): EncodedPage {
  return encodePage(values, pageTypes.DICTIONARY_PAGE, (thrift) => {
    thrift.struct(7, () => {
      thrift.i32(1, entries);
      thrift.i32(2, encodings.PLAIN);
    });
  });
}

function encodePage(body: Uint8Array, type: number, writeKind: (thrift: CompactWriter) => void): EncodedPage {
  const compressed = compress(body);
  const thrift = new CompactWriter();
  thrift.root(() => {
    thrift.i32(1, type);
    thrift.i32(2, body.length);
    thrift.i32(3, compressed.length);
    writeKind(thrift);
  });
  const header = new Uint8Array(thrift.bytes);
  return { header, body: compressed, uncompressedBytes: header.length + body.length };
}

let scratch = Buffer.alloc(0);

/** The same memory each time, since a page is done with once it is compressed. */
function scratchOf(bytes: number): Buffer {
  if (scratch.length < bytes) scratch = Buffer.allocUnsafeSlow(Math.max(bytes, scratch.length * 2));
  return scratch.subarray(0, bytes);
}

/** From this size on Buffer gives out memory that no other buffer shares. */
const UNPOOLED_BYTES = Buffer.poolSize >>> 1;

function compress(body: Uint8Array): Uint8Array {
  // Most pages shrink to less than half, and so come in one piece.
  const chunkSize = Math.max(UNPOOLED_BYTES, body.length >> 1);
  const compressed = zstdCompressSync(body, {
    chunkSize,
    // With a checksum of the content: a reader tells a flipped byte from other values.
    params: { [constants.ZSTD_c_compressionLevel]: PAGE_COMPRESSION_LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
    pledgedSrcSize: body.length,
  });
  if (compressed.buffer.byteLength !== chunkSize) return compressed;
  const page = new Uint8Array(compressed);
  // Given back now: the collector, which sees only a small handle, would let a lot of it pile up.
  compressed.buffer.transfer(0);
  return page;
}
