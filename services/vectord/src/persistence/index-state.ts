import type { Parameters } from "../formats/log-record.ts";
import type { SavedShard } from "../shard/shard.ts";

/** What an index is, beside its items. */
export interface IndexState {
  name: string;
  /** Of this index, and of no other that ever has its name. */
  id: string;
  parameters: Parameters;
  createdAt: Date;
  updatedAt: Date;
  count: number;
}

/** An index as it was at one moment, for a file. */
export interface Cut {
  state: IndexState;
  /** What every record up to this one did is in it. */
  sequence: number;
  saved: Promise<SavedShard[]>;
}
