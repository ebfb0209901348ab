/** Every bound of ingestd that is not configuration. Memory does not grow with the file because of these. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** What `ingest_busy` tells a client to wait. */
export const BUSY_RETRY_AFTER_SECONDS = 5;

/** A client that sends nothing for so long gives its slot back. */
export const UPLOAD_SILENCE_MS_MAX = 60_000;

/** Of a multipart form beside the file itself. */
export const FORM_PARTS_MAX = 100;
export const FORM_FIELD_BYTES_MAX = 64 * KIB;

/** Garbage that an upload leaves is collected each time so many bytes came in. */
export const UPLOAD_GARBAGE_BYTES_MAX = 4 * MIB;

/** Clean-up goes on for so long after the request that it cleans up after. */
export const CLEANUP_MS_MAX = 30_000;
