const KIB = 1024;
const MIB = 1024 * KIB;

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

/** Text in a manifest's `stats` is cut to bounds of this many bytes. */
export const STATS_TEXT_BYTES_MAX = 64;
