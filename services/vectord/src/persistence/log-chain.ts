import type { RequestContext } from "@lakehouse/contracts";
import { DamagedError } from "../formats/damaged-error.ts";
import { decodeRecord, type LogRecord, type RecordHead } from "../formats/log-record.ts";
import type { IndexStore, StoredRecord } from "./index-store.ts";

/** A record without its batches, which are read again when it is their turn: a log need not fit into memory. */
export type ChainLink = Pick<LogRecord, "head" | "entry">;

/**
 * Which records count, oldest first: back from the last one, each names the one before it. The chain ends where the index
 * was made or dropped, or where the file takes over.
 * @param records of the log, ascending
 * @param fileSequence what every record up to this one did is in the file; 0 where there is none
 * @throws DamagedError where one that counts is missing or not what was written
 */
export async function readChain(
  store: IndexStore,
  name: string,
  records: readonly StoredRecord[],
  fileSequence: number,
  context: RequestContext,
): Promise<ChainLink[]> {
  const chain: ChainLink[] = [];
  const stored = new Set(records.map(({ sequence }) => sequence).filter((sequence) => sequence > fileSequence));
  for (let sequence = [...stored].at(-1); sequence !== undefined; ) {
    const { head, entry } = await readRecord(store, name, sequence, context);
    chain.unshift({ head, entry });
    if (entry.entry !== "batches" || head.previous <= fileSequence) break;
    // Those in between were passed over: their writes failed, as far as their writer could tell.
    if (!stored.has(head.previous)) throw new DamagedError(`The record ${head.previous} of its log is missing.`);
    sequence = head.previous;
  }
  return chain;
}

/** @throws DamagedError where it is not what was written under this name and sequence */
export async function readRecord(
  store: IndexStore,
  name: string,
  sequence: number,
  context: RequestContext,
): Promise<LogRecord> {
  try {
    const record = decodeRecord(await store.readRecord(name, sequence, context));
    assertHead(record.head, name, sequence);
    return record;
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
    throw new DamagedError(`The record ${sequence} of its log is damaged: ${error.message}`, { cause: error });
  }
}

function assertHead(head: RecordHead, name: string, sequence: number): void {
  if (head.name === name && head.sequence === sequence) return;
  throw new DamagedError(`It is the record ${head.sequence} of ${JSON.stringify(head.name)}.`);
}
