/** Numbers of https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift, those that are written here. */

export const physicalTypes = { BOOLEAN: 0, INT32: 1, INT64: 2, DOUBLE: 5, BYTE_ARRAY: 6 } as const;
export type PhysicalType = keyof typeof physicalTypes;

export const convertedTypes = { UTF8: 0, DATE: 6, TIMESTAMP_MICROS: 10 } as const;

export const encodings = { PLAIN: 0, RLE: 3, RLE_DICTIONARY: 8 } as const;
export type Encoding = keyof typeof encodings;

export const pageTypes = { DATA_PAGE: 0, DICTIONARY_PAGE: 2 } as const;

export const OPTIONAL = 1;
export const ZSTD = 6;

export const MAGIC = Buffer.from("PAR1");
