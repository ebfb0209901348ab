/**
 * Imported first, before anything uses libuv's threads. A running query holds one of them for as long as the engine works
 * on it, and so do file system and name look-ups: with libuv's four, four long queries would stop everything else.
 * UV_THREADPOOL_SIZE in the environment wins.
 */
export const THREADS = 64;

/** For files, names and the catalog's views while every other thread runs a query. */
export const THREADS_RESERVED = 16;

process.env["UV_THREADPOOL_SIZE"] ??= String(THREADS);

/** As many queries at once as there are threads for. */
export function slotsWithin(wanted: number): number {
  return Math.min(wanted, Math.max(1, Number(process.env["UV_THREADPOOL_SIZE"]) - THREADS_RESERVED));
}
