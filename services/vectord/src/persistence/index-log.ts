import { isLakehouseError, LakehouseError, type RequestContext } from "@lakehouse/core";
import type { BatchBytes } from "../formats/batch.ts";
import { SEQUENCE_MAX } from "../formats/limits.ts";
import { type Entry, encodeRecord } from "../formats/log-record.ts";
import type { IndexStore } from "./index-store.ts";
import { RECORD_WEIGHT_MIN } from "./limits.ts";

export interface LogState {
  /** Sequence of the last record that counts; 0 where there is none. */
  previous: number;
  /** The highest sequence that is stored, whether it counts or not. */
  last: number;
  /** Of what is stored. */
  bytes: number;
  records: number;
}

/**
 * The log of one index, as its only writer sees it. One record is written at a time, and each names the one before it that
 * counts. A record whose write failed may be stored all the same: the next one does not name it, so it never happened.
 */
export class IndexLog {
  readonly #store: IndexStore;
  readonly #name: string;
  #previous: number;
  #last: number;
  #bytes: number;
  #records: number;
  #isEmpty: boolean;

  constructor(store: IndexStore, name: string, { previous, last, bytes, records }: LogState) {
    this.#store = store;
    this.#name = name;
    this.#previous = previous;
    this.#last = Math.max(previous, last);
    this.#bytes = bytes;
    this.#records = records;
    this.#isEmpty = records === 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** In bytes: what it costs to read it at the next start, where a record is a request however small it is. */
  get weight(): number {
    return Math.max(this.#bytes, this.#records * RECORD_WEIGHT_MIN);
  }

  /** False where records are, or may be, stored. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** The highest sequence ever used. */
  get last(): number {
    return this.#last;
  }

  /** @throws LakehouseError `storage_unavailable`, `storage_full`: it does not count */
  async write(entry: Entry, batches: readonly BatchBytes[], writtenAt: Date): Promise<void> {
    // By the clock, so that a write which an earlier process left under way can't land on a sequence of ours.
    const sequence = Math.max(this.#last + 1, writtenAt.getTime() * 1_000);
    // Read again it would be no record, and what it says lost. No clock comes so far.
    if (sequence > SEQUENCE_MAX) throw new LakehouseError("index_damaged", "Its log has come to the last sequence.");
    const head = { name: this.#name, sequence, previous: this.#previous, written_at: writtenAt.toISOString() };
    const pieces = encodeRecord({ head, entry, batches });
    this.#last = sequence;
    this.#isEmpty = false;
    try {
      await this.#store.writeRecord(this.#name, sequence, pieces);
    } catch (error) {
      throw toWriteError(error);
    }
    this.#previous = sequence;
    this.#bytes += pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#records += 1;
  }

  /** Removes the records up to and with this sequence, also those whose write failed and that came to be stored. */
  async removeUpTo(sequence: number, context: RequestContext): Promise<void> {
    const before = this.#last;
    const records = await this.#store.records(this.#name, context);
    for (const record of records.filter((one) => one.sequence <= sequence)) {
      await this.#store.removeRecord(this.#name, record.sequence);
      this.#bytes = Math.max(0, this.#bytes - record.bytes);
      this.#records = Math.max(0, this.#records - 1);
    }
    // A record that was written meanwhile is not on the list.
    if (this.#last === before && before <= sequence) this.#isEmpty = true;
  }
}

function toWriteError(error: unknown): LakehouseError {
  if (isLakehouseError(error, "storage_full")) return error;
  const sentence = "The store can't be reached, or does not take it; nothing was changed.";
  return new LakehouseError("storage_unavailable", sentence, { cause: error });
}
