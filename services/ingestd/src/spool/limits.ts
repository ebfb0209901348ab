const KIB = 1024;

/** Uploads are written to the spool in pieces of this size. */
export const SPOOL_WRITE_BYTES = 512 * KIB;
