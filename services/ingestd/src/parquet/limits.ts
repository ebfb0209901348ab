/** Of zstd: its fastest level that is not negative. */
export const PAGE_COMPRESSION_LEVEL = 1;
