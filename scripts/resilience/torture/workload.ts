import type { Random } from "../random.ts";
import type { ApiClient } from "./api-client.ts";

export interface Tally {
  /** Writes by what became of them. */
  acknowledged: number;
  unknown: number;
  refused: number;
  /** Reads while faults went on, each held against the ledger. */
  read: number;
  /** Things held against the ledger at the end. */
  verified: number;
}

export interface WorkloadContext {
  api: ApiClient;
  url: string;
  random: Random;
  tally: Tally;
}

/** A kind of data that is written and read all the while. Every method throws a Violation where a promise was broken. */
export interface Workload {
  name: string;
  writers: number;
  /** One write, and a note of what became of it in the ledger. */
  write(): Promise<void>;
  /** One read, held against the ledger. */
  read(): Promise<void>;
  /** Holds everything against the ledger, when all is well again. */
  verify(): Promise<void>;
}

/** Counts what became of a write. */
export function counted(tally: Tally, outcome: boolean | undefined): boolean | undefined {
  if (outcome === undefined) tally.unknown += 1;
  else tally[outcome ? "acknowledged" : "refused"] += 1;
  return outcome;
}
