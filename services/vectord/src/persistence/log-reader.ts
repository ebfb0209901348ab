import type { RequestContext } from "@lakehouse/core";
import { Slots } from "@lakehouse/server";
import { DamagedError } from "../formats/damaged-error.ts";
import { decodeRecord, type LogRecord } from "../formats/log-record.ts";
import type { IndexStore, StoredRecord } from "./index-store.ts";
import { LOG_BYTES_KEPT_MAX, LOG_READS_MAX } from "./limits.ts";

/** Reads the log of one index at start: its records side by side and once where they fit into memory, else one by one. */
export class LogReader {
  readonly #store: IndexStore;
  readonly #name: string;
  readonly #context: RequestContext;
  readonly #kept = new Map<number, Promise<LogRecord>>();

  constructor(store: IndexStore, name: string, records: readonly StoredRecord[], context: RequestContext) {
    this.#store = store;
    this.#name = name;
    this.#context = context;
    if (records.reduce((sum, { bytes }) => sum + bytes, 0) > LOG_BYTES_KEPT_MAX) return;
    const reads = new Slots(LOG_READS_MAX);
    for (const { sequence } of records) {
      const read = reads.run(() => this.#fetch(sequence));
      read.catch(() => {}); // told when it is asked for; one that does not count may be anything
      this.#kept.set(sequence, read);
    }
  }

  /** @throws DamagedError where it is not what was written under this name and sequence */
  read(sequence: number): Promise<LogRecord> {
    return this.#kept.get(sequence) ?? this.#fetch(sequence);
  }

  async #fetch(sequence: number): Promise<LogRecord> {
    try {
      const record = decodeRecord(await this.#store.readRecord(this.#name, sequence, this.#context));
      const { head } = record;
      if (head.name === this.#name && head.sequence === sequence) return record;
      throw new DamagedError(`It is the record ${head.sequence} of ${JSON.stringify(head.name.slice(0, 160))}.`);
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      throw new DamagedError(`The record ${sequence} of its log is damaged: ${error.message}`, { cause: error });
    }
  }
}
