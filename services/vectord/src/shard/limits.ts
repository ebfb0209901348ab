/** Vectors of one chunk of the flat store; a chunk is allocated whole and never moves. */
export const CHUNK_ROWS = 1024;

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

/** Nodes of a loaded graph that are checked before the thread looks at its messages again. */
export const GRAPH_CHECK_NODES = 2_048;

/** Index files are read, hashed and sent in pieces of about this size. */
export const FILE_PIECE_BYTES = 2 ** 20;
