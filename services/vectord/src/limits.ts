/** Vectors of one chunk of the flat store; a chunk is allocated whole and never moves. */
export const CHUNK_ROWS = 1024;

/** Search bodies are parsed where they arrive: 4096 numbers and a filter fit many times. */
export const SEARCH_BODY_BYTES_MAX = 2 ** 20;

/** Bodies of adds and deletes held at once, over all indexes; one more is 503 `vectors_busy`. */
export const BODY_BYTES_IN_FLIGHT_MAX = 512 * 2 ** 20;

/** Searches under way at once; one more is 503 `vectors_busy`. */
export const SEARCHES_IN_FLIGHT_MAX = 4096;

/** What a client is told to wait when too much is under way. */
export const BUSY_RETRY_SECONDS = 1;

/** Batches that one log record takes; the next wait for the next record. */
export const RECORD_BYTES_MAX = 64 * 2 ** 20;

/** Vectors of one shard that are searched by scanning until the graph has them; an add that leaves more is answered once it has caught up. */
export const UNINDEXED_MAX = 10_000;

/** How long a shard's thread goes on indexing before it looks at its messages again. */
export const INDEXING_SLICE_MS = 4;

/** More than were asked for are taken from a graph: its distances may be rough, and ties are broken by id, not by chance. */
export const PROPOSALS_PER_HIT = 1.5;
export const PROPOSALS_MIN = 16;

/** Distances of a scan are computed for so many slots at once. */
export const SCAN_PIECE_SLOTS = 4096;

/** A graph is built anew when more of its vectors are dead than alive, from this many dead on. */
export const DEAD_VECTORS_MIN = 1_000;

/** Vectors that a graph is shown before it chooses how to hold vectors. */
export const SAMPLE_VECTORS_MAX = 64;

/** Columns of metadata that a shard keeps ready for filters; the one unused longest goes first. */
export const FILTER_COLUMNS_MAX = 32;

/** Objects within objects of an item's metadata. */
export const METADATA_DEPTH_MAX = 64;

/** Objects and arrays within each other in what is stored; adds take far fewer, and V8 can't write what is nested some thousand deep. */
export const JSON_DEPTH_MAX = 1_000;

/** Sequences of a log stay below it: beyond 2^53 two would be one, and 2^32 records are left to whoever arrives at it. */
export const SEQUENCE_MAX = Number.MAX_SAFE_INTEGER - 2 ** 32;

/** Nodes of a loaded graph that are checked before the thread looks at its messages again. */
export const GRAPH_CHECK_NODES = 2_048;

/** Records written or removed at once. storaged has four PUT slots and no queue; folds and ingests need the others. */
export const STORE_WRITES_MAX = 2;

/** Index files are read, hashed and sent in pieces of about this size. */
export const FILE_PIECE_BYTES = 2 ** 20;

/**
 * A graph goes to its shard in pieces of this size, each given back once the graph has it, so that it is not in memory twice. What is
 * larger than 32 MiB, glibc gives back to the system at once.
 */
export const GRAPH_PIECE_BYTES = 33 * 2 ** 20;

/** Deadline of reading or writing an index file. */
export const FILE_MS_MAX = 10 * 60 * 1_000;

/** Deadline of one round of background work: loading, folding, removing. */
export const BACKGROUND_MS_MAX = 10 * 60 * 1_000;

/** Indexes loaded at once. */
export const LOADS_MAX = 2;

/** How often it is looked whether a log should be folded, or something loaded or removed. */
export const TICK_MS = 100;

/** A fold that failed is tried again after this: long enough for a PUT that was given up to have come to its end. */
export const FOLD_RETRY_MS = 10_000;

/** A log of more is read record by record, twice, when its index is loaded. */
export const LOG_BYTES_KEPT_MAX = 256 * 2 ** 20;

/** Records read at once. */
export const LOG_READS_MAX = 8;

/** A record counts as this many bytes at least when it is asked whether a log should be folded. */
export const RECORD_WEIGHT_MIN = 16 * 2 ** 10;
