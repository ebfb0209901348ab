const KIB = 1024;
const MIB = 1024 * KIB;

/** A row is held in memory as a whole, so a longer one (and so a longer field) is refused: `field_too_large`. */
export const ROW_BYTES_MAX = 8 * MIB;

/** More columns than this are refused: `field_too_large`. Each holds buffers in the converter and in the Parquet writer. */
export const COLUMNS_MAX = 2048;

/** The scanner reads the spool in pieces of this size: small enough for the cache of a core. */
export const READ_BYTES = 256 * KIB;

/** Rows and fields of one block, whichever comes first; bounds the index of where each field starts and ends. */
export const BLOCK_ROWS_MAX = 2048;
export const BLOCK_FIELDS_MAX = 64 * KIB;
