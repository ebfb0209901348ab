/** Records written or removed at once. storaged has four PUT slots and no queue; folds and ingests need the others. */
export const STORE_WRITES_MAX = 2;

/**
 * A graph goes to its shard in pieces of this size, each given back once the graph has it, so that it is not in memory twice. What is
 * larger than 32 MiB, glibc gives back to the system at once.
 */
export const GRAPH_PIECE_BYTES = 33 * 2 ** 20;

/** Deadline of reading or writing an index file. */
export const FILE_MS_MAX = 10 * 60 * 1_000;

/** Deadline of one round of background work: loading, folding, removing. */
export const BACKGROUND_MS_MAX = 10 * 60 * 1_000;

/** A log of more is read record by record, twice, when its index is loaded. */
export const LOG_BYTES_KEPT_MAX = 256 * 2 ** 20;

/** Records read at once. */
export const LOG_READS_MAX = 8;

/** A record counts as this many bytes at least when it is asked whether a log should be folded. */
export const RECORD_WEIGHT_MIN = 16 * 2 ** 10;
