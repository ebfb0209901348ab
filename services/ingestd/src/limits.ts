/** Every bound of ingestd that is not configuration. Memory does not grow with the file because of these. */

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

/** Types are guessed from this much of the file, and then held against all of it. */
export const SAMPLE_BYTES = 2 * MIB;

/** Values of one column that decide whether a dictionary pays off. */
export const DICTIONARY_SAMPLE_VALUES = 4096;

/** The pages of all columns end at this many rows, fields or bytes of values, whichever comes first; many columns get more bytes. */
export const PAGE_ROWS_MAX = 20_480;
export const PAGES_FIELDS_MAX = 2 * MIB;
export const PAGES_BYTES_MAX = 2 * MIB;
export const PAGE_BYTES_MIN = 8 * KIB;

/** A row group ends before it has more rows, or at so many compressed bytes or pages: it is held in memory until then. */
export const ROW_GROUP_ROWS_MAX = 122_880;
export const ROW_GROUP_BYTES_MAX = 16 * MIB;
export const ROW_GROUP_PAGES_MAX = 16 * KIB;

/** A column's dictionary is given up at this size, or sooner where many columns have one. */
export const DICTIONARY_BYTES_MAX = 256 * KIB;
export const DICTIONARIES_BYTES_MAX = 16 * MIB;

/** Of zstd: its fastest level that is not negative. */
export const PAGE_COMPRESSION_LEVEL = 1;

/** Text in a manifest's `stats` is cut to bounds of this many bytes. */
export const STATS_TEXT_BYTES_MAX = 64;

/** What `ingest_busy` tells a client to wait. */
export const BUSY_RETRY_AFTER_SECONDS = 5;

/** A client that sends nothing for so long gives its slot back. */
export const UPLOAD_SILENCE_MS_MAX = 60_000;

/** Of a multipart form beside the file itself. */
export const FORM_PARTS_MAX = 100;
export const FORM_FIELD_BYTES_MAX = 64 * KIB;

/** Garbage that an upload leaves is collected each time so many bytes came in. */
export const UPLOAD_GARBAGE_BYTES_MAX = 4 * MIB;

/** Uploads are written to the spool in pieces of this size. */
export const SPOOL_WRITE_BYTES = 512 * KIB;

/** Clean-up goes on for so long after the request that it cleans up after. */
export const CLEANUP_MS_MAX = 30_000;
