import { LakehouseError } from "@lakehouse/core";
import type { Config } from "@lakehouse/server";

const RETRY_AFTER_SECONDS = 5;

type Limits = Pick<Config["storaged"], "put_slots" | "max_put_bytes" | "prefix_caps">;

/** Who may PUT: how large an object may be, by its prefix, and how many may come at once. Nobody waits in a queue. */
export class PutAdmission {
  readonly #limits: Limits;
  #inFlight = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Most bytes that an object of this key may have. */
  capFor(key: string): number {
    const caps = this.#limits.prefix_caps.filter(({ prefix }) => key.startsWith(prefix));
    const longest = caps.reduce((best, cap) => (cap.prefix.length > best.prefix.length ? cap : best), {
      prefix: "",
      max_put_bytes: this.#limits.max_put_bytes,
    });
    return longest.max_put_bytes;
  }

  /**
   * Runs `store` in a slot, with the key's cap.
   * @param declaredBytes `Content-Length`, where the client sent one
   * @throws LakehouseError `payload_too_large`, `storage_busy`, and whatever `store` throws
   */
  async admit<T>(key: string, declaredBytes: number | undefined, store: (capBytes: number) => Promise<T>): Promise<T> {
    const capBytes = this.capFor(key);
    if (declaredBytes !== undefined && declaredBytes > capBytes) throw tooLarge(capBytes);
    if (this.#inFlight >= this.#limits.put_slots) throw this.#busy();
    this.#inFlight += 1;
    try {
      return await store(capBytes);
    } finally {
      this.#inFlight -= 1;
    }
  }

  #busy(): LakehouseError {
    const message = `All ${this.#limits.put_slots} PUT slots are taken.`;
    return new LakehouseError("storage_busy", message, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}

export function tooLarge(capBytes: number): LakehouseError {
  return new LakehouseError("payload_too_large", `An object of this key may have ${capBytes} bytes at most.`, {
    details: { limit_bytes: capBytes },
  });
}
