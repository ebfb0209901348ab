import type { ChunkMetadata } from "./column-chunk.ts";
import { CompactWriter } from "./compact-writer.ts";
import { encodings, physicalTypes, ZSTD } from "./format.ts";
import { type ParquetColumn, physicalTypeOf, writeSchema } from "./parquet-schema.ts";

const FORMAT_VERSION = 1;
const CREATED_BY = "lakehouse ingestd";

export interface RowGroup {
  /** Of its first chunk; the others follow without a gap. */
  offset: number;
  rows: number;
  chunks: ChunkMetadata[];
}

/** FileMetaData of parquet.thrift. */
export function encodeFooter(columns: readonly ParquetColumn[], rowGroups: readonly RowGroup[]): Uint8Array {
  const thrift = new CompactWriter();
  thrift.root(() => {
    thrift.i32(1, FORMAT_VERSION);
    writeSchema(thrift, 2, columns);
    thrift.i64(
      3,
      rowGroups.reduce((total, { rows }) => total + rows, 0),
    );
    thrift.structs(4, rowGroups, (rowGroup) => writeRowGroup(thrift, columns, rowGroup));
    thrift.binary(6, CREATED_BY);
    // Bounds are in the order of each column's type (TypeDefinedOrder); without this readers may not use them.
    thrift.structs(7, columns, () => thrift.struct(1, () => {}));
  });
  return thrift.bytes;
}

function writeRowGroup(thrift: CompactWriter, columns: readonly ParquetColumn[], rowGroup: RowGroup): void {
  const { rows, chunks } = rowGroup;
  const located = locate(rowGroup);
  thrift.structs(1, located, ({ chunk, offset, index }) => writeChunk(thrift, columns[index]!, chunk, offset));
  thrift.i64(
    2,
    chunks.reduce((total, { uncompressedBytes }) => total + uncompressedBytes, 0),
  );
  thrift.i64(3, rows);
  thrift.i64(5, rowGroup.offset);
  thrift.i64(
    6,
    chunks.reduce((total, { compressedBytes }) => total + compressedBytes, 0),
  );
}

function locate({ offset, chunks }: RowGroup): { chunk: ChunkMetadata; offset: number; index: number }[] {
  let next = offset;
  return chunks.map((chunk, index) => {
    const at = next;
    next += chunk.compressedBytes;
    return { chunk, offset: at, index };
  });
}

function writeChunk(thrift: CompactWriter, { name, type }: ParquetColumn, chunk: ChunkMetadata, offset: number): void {
  // The metadata stands in the footer alone, so there is no offset of a copy of it.
  thrift.i64(2, 0);
  thrift.struct(3, () => {
    thrift.i32(1, physicalTypes[physicalTypeOf[type]]);
    thrift.i32s(
      2,
      chunk.encodings.map((encoding) => encodings[encoding]),
    );
    thrift.strings(3, [name]);
    thrift.i32(4, ZSTD);
    thrift.i64(5, chunk.rows);
    thrift.i64(6, chunk.uncompressedBytes);
    thrift.i64(7, chunk.compressedBytes);
    thrift.i64(9, offset + chunk.dictionaryBytes);
    if (chunk.dictionaryBytes > 0) thrift.i64(11, offset);
    thrift.struct(12, () => writeStatistics(thrift, chunk));
  });
}

function writeStatistics(thrift: CompactWriter, { nullCount, bounds }: ChunkMetadata): void {
  thrift.i64(3, nullCount);
  if (bounds) {
    thrift.binary(5, bounds.max);
    thrift.binary(6, bounds.min);
    thrift.boolean(7, bounds.isExact);
    thrift.boolean(8, bounds.isExact);
  }
}
