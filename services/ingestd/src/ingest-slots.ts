import { LakehouseError } from "@lakehouse/core";
import { BUSY_RETRY_AFTER_SECONDS } from "./limits.ts";

/** How many ingests run at once. Nobody waits in a queue: an upload that can't be read yet only fills the client's connection. */
export class IngestSlots {
  readonly #slots: number;
  #inFlight = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** @throws LakehouseError `ingest_busy`, and whatever `ingest` throws */
  async run<T>(ingest: () => Promise<T>): Promise<T> {
    if (this.#inFlight >= this.#slots) {
      throw new LakehouseError("ingest_busy", `All ${this.#slots} ingest slots are taken.`, {
        retryAfterSeconds: BUSY_RETRY_AFTER_SECONDS,
      });
    }
    this.#inFlight += 1;
    try {
      return await ingest();
    } finally {
      this.#inFlight -= 1;
    }
  }
}
