/** Manifests written at once. storaged has four PUT slots and no queue; ingests need the others. */
export const MANIFEST_WRITES_MAX = 2;

/** Manifests read at once while loading. */
export const MANIFEST_READS_MAX = 8;

/** How long the service waits for its manifests before it listens without them. */
export const FIRST_LOAD_MS_MAX = 10_000;

/** How often a manifest that is damaged, or whose last write has no known outcome, is read again. */
export const REREAD_EVERY_MS = 5_000;

/** Objects that one collection removes; the next goes on from there. */
export const GARBAGE_OBJECTS_MAX = 10_000;

/** Keys remembered as removed by a collection, so that a register which comes too late is told. */
export const REMOVED_KEYS_MAX = 2 * GARBAGE_OBJECTS_MAX;

/** Deadline of one round of background work: loading, reading again, collecting garbage. */
export const BACKGROUND_MS_MAX = 10 * 60 * 1_000;

/** Of one dataset. A register beyond them is refused, and a stored manifest beyond them damaged. */
export const COLUMNS_MAX = 100_000;
export const OBJECTS_MAX = 100_000;

/** A stored manifest that is larger is not read. */
export const MANIFEST_BYTES_MAX = 64 * 2 ** 20;

/** What reading one manifest may take: time, WebAssembly's memory (1 GiB), and JavaScript's. */
export const DECODE_MS_MAX = 10_000;
export const DECODE_MS_MIN = 500;
export const WASM_MEMORY_PAGES_MAX = 16_384;
export const DECODE_HEAP_MB_MAX = 1_024;

/** How long the same bytes are taken for damaged without another look. */
export const DAMAGE_REMEMBERED_MS = 60_000;

/** The thread that reads manifests ends when it had nothing to read for so long. */
export const DECODER_IDLE_MS_MAX = 10_000;
