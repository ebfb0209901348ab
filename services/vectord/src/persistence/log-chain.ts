import { DamagedError } from "../formats/damaged-error.ts";
import type { LogRecord } from "../formats/log-record.ts";
import type { StoredRecord } from "./index-store.ts";
import type { LogReader } from "./log-reader.ts";

/** A record without its batches, which come when it is their turn: a log need not fit into memory. */
export type ChainLink = Pick<LogRecord, "head" | "entry">;

/**
 * Which records count, oldest first: back from the last one, each names the one before it. The chain ends where the index
 * was made or dropped, or where the file takes over.
 * @param records of the log, ascending
 * @param fileSequence what every record up to this one did is in the file; 0 where there is none
 * @throws DamagedError where one that counts is missing or not what was written
 */
export async function readChain(
  reader: LogReader,
  records: readonly StoredRecord[],
  fileSequence: number,
): Promise<ChainLink[]> {
  const chain: ChainLink[] = [];
  const stored = new Set(records.map(({ sequence }) => sequence).filter((sequence) => sequence > fileSequence));
  for (let sequence = [...stored].at(-1); sequence !== undefined; ) {
    const { head, entry } = await reader.read(sequence);
    chain.unshift({ head, entry });
    if (entry.entry !== "batches" || head.previous <= fileSequence) break;
    // Those in between were passed over: their writes failed, as far as their writer could tell.
    if (!stored.has(head.previous)) throw new DamagedError(`The record ${head.previous} of its log is missing.`);
    sequence = head.previous;
  }
  return chain;
}
