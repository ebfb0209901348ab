import { type FileHandle, open, rm } from "node:fs/promises";
import type { Moment } from "../traces/moment.ts";
import type { StoredTrace } from "../traces/stored-trace.ts";
import type { AppendLog } from "./append-log.ts";
import { LOG_PIECE_BYTES, TAIL_BYTES_MAX } from "./limits.ts";
import { snapshotPieces } from "./snapshot.ts";

export interface Compaction {
  log: AppendLog;
  traces(): Iterable<StoredTrace>;
  /** The moment of the last event in the log. */
  now(): Moment;
  /** Runs while nothing is written to the log. */
  exclusive<T>(work: () => Promise<T> | T): Promise<T>;
  signal: AbortSignal;
}

/** Of a compaction that was cut short, and of no use to the next start. */
export function temporaryPath(logPath: string): string {
  return `${logPath}.compacting`;
}

/**
 * Writes the log anew without its garbage, while writes go on: a snapshot of one moment, then what the log got since, then the new
 * file, whole and durable, takes the place of the old. Until then the old one is the log.
 * @throws Error and the old log stays in force
 */
export async function compact({ log, traces, now, exclusive, signal }: Compaction): Promise<void> {
  const path = temporaryPath(log.path);
  await rm(path, { force: true });
  const fresh = await open(path, "ax", 0o640);
  try {
    const { until, start } = await exclusive(() => ({ until: now(), start: log.length }));
    for (const piece of snapshotPieces(traces(), until)) {
      signal.throwIfAborted();
      await fresh.appendFile(piece);
    }
    let copied = start;
    while (log.length - copied > TAIL_BYTES_MAX) copied = await copy(log, copied, fresh);
    await fresh.sync();
    await exclusive(async () => {
      await copy(log, copied, fresh);
      await fresh.sync();
      await log.replaceWith(path);
    });
  } finally {
    await fresh.close();
    await rm(path, { force: true });
  }
}

/** @returns the place up to which it was copied */
async function copy(log: AppendLog, start: number, fresh: FileHandle): Promise<number> {
  const piece = Buffer.allocUnsafe(LOG_PIECE_BYTES);
  const end = log.length;
  let copied = start;
  while (copied < end) {
    const count = await log.read(piece.subarray(0, Math.min(piece.length, end - copied)), copied);
    if (count === 0) throw new Error("The log is shorter than it was.");
    await fresh.appendFile(piece.subarray(0, count));
    copied += count;
  }
  return copied;
}
