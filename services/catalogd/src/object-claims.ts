import { REMOVED_KEYS_MAX } from "./limits.ts";

/**
 * Keeps registers and the garbage collector off each other's objects. A register claims its keys before it does anything,
 * and until its manifest lists them; a claimed key is not removed, and a key that is being removed is not claimed yet.
 * By key, not by dataset: any dataset may list any object.
 */
export class ObjectClaims {
  readonly #claims = new Map<string, number>();
  readonly #removals = new Map<string, Promise<void>>();
  /** In order of removal; the oldest are forgotten first. */
  readonly #removed = new Set<string>();

  /** Waits for removals of these keys to end. Call what it returns when the claim is over. */
  async claim(keys: readonly string[]): Promise<() => void> {
    for (let busy = this.#removalsOf(keys); busy.length > 0; busy = this.#removalsOf(keys)) await Promise.all(busy);
    for (const key of keys) this.#claims.set(key, (this.#claims.get(key) ?? 0) + 1);
    return () => {
      for (const key of keys) this.#release(key);
    };
  }

  /**
   * @param remove tells whether it removed the object
   * @returns false where a register holds the key, and `remove` did not run
   */
  async remove(key: string, remove: () => Promise<boolean>): Promise<boolean> {
    if (this.#claims.has(key) || this.#removals.has(key)) return false;
    const { promise, resolve: done } = Promise.withResolvers<void>();
    this.#removals.set(key, promise);
    // Remembered beforehand: a removal that fails may have happened.
    this.#remember(key);
    try {
      const removed = await remove();
      if (!removed) this.#removed.delete(key);
      return removed;
    } finally {
      this.#removals.delete(key);
      done();
    }
  }

  /** Whether a collection has removed this key, as far back as is remembered. */
  wasRemoved(key: string): boolean {
    return this.#removed.has(key);
  }

  /** The object has been seen again. */
  forgetRemoval(key: string): void {
    this.#removed.delete(key);
  }

  #removalsOf(keys: readonly string[]): Promise<void>[] {
    return keys.map((key) => this.#removals.get(key)).filter((removal) => removal !== undefined);
  }

  #release(key: string): void {
    const others = this.#claims.get(key)! - 1;
    if (others > 0) this.#claims.set(key, others);
    else this.#claims.delete(key);
  }

  #remember(key: string): void {
    this.#removed.delete(key);
    this.#removed.add(key);
    if (this.#removed.size <= REMOVED_KEYS_MAX) return;
    const [oldest] = this.#removed;
    this.#removed.delete(oldest!);
  }
}
