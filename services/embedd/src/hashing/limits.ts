/** Hashing gives the event loop a turn after this long, so that `/health` does not wait for a batch. */
export const HASHING_SLICE_MS = 2;
