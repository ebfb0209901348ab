import { LakehouseError } from "@lakehouse/core";
import type { CachedFile, CacheFolder } from "./cache-folder.ts";

interface Entry extends CachedFile {
  /** Queries that read it now. */
  pins: number;
}

/**
 * Which files the cache keeps: within a bound, the longest unused go first, and never one that is pinned. (lru-cache knows
 * no pins.) Space is taken before a file is fetched, so the bound holds at every moment.
 */
export class ObjectCache {
  readonly #folder: CacheFolder;
  readonly #bytesMax: number;
  /** The longest unused first. */
  readonly #entries = new Map<string, Entry>();
  /** One fetch a file, whoever waits for it. */
  readonly #fetches = new Map<string, Promise<void>>();
  readonly #removals = new Set<Promise<void>>();
  #bytes = 0;

  constructor(folder: CacheFolder, bytesMax: number) {
    this.#folder = folder;
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get fileCount(): number {
    return this.#entries.size;
  }

  /** Takes over what an earlier process has fetched. */
  async open(): Promise<void> {
    for (const file of await this.#folder.open()) this.#add(file);
    for (const entry of this.#victims(0)) this.#forget(entry);
    await this.#removalsDone();
  }

  /**
   * Pins a file, fetching it where it is missing or damaged.
   * @returns releases the pin
   * @throws LakehouseError `cache_full`, and what `fetch` throws
   */
  async pin(file: CachedFile, fetch: () => Promise<void>): Promise<() => void> {
    const entry = this.#entries.get(file.name) ?? this.#admit(file);
    entry.pins += 1;
    try {
      await this.#ensure(entry, fetch);
    } catch (error) {
      entry.pins -= 1;
      if (entry.pins === 0) this.#forget(entry);
      throw error;
    }
    this.#markUsed(entry);
    return () => {
      entry.pins -= 1;
    };
  }

  /** Without a pause in it: two files never take the same room. */
  #admit(file: CachedFile): Entry {
    for (const entry of this.#victims(file.size)) this.#forget(entry);
    return this.#add(file);
  }

  #add(file: CachedFile): Entry {
    const entry = { ...file, pins: 0 };
    this.#entries.set(file.name, entry);
    this.#bytes += file.size;
    return entry;
  }

  /** What has to go so that `size` fits. */
  #victims(size: number): Entry[] {
    const victims: Entry[] = [];
    let excess = this.#bytes + size - this.#bytesMax;
    for (const entry of this.#entries.values()) {
      if (excess <= 0) break;
      if (entry.pins > 0) continue;
      victims.push(entry);
      excess -= entry.size;
    }
    if (excess > 0 && size > 0) throw full(size, this.#bytesMax);
    return victims;
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.name);
    this.#bytes -= entry.size;
    const removal = this.#folder.remove(entry.name).finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  /** Before a file is fetched: so that one that just went is not removed when it is back, and the bound holds on disk. */
  async #removalsDone(): Promise<void> {
    await Promise.all(this.#removals);
  }

  #ensure(entry: Entry, fetch: () => Promise<void>): Promise<void> {
    const running = this.#fetches.get(entry.name);
    if (running !== undefined) return running;
    const fetched = this.#fetchUnlessThere(entry, fetch).finally(() => this.#fetches.delete(entry.name));
    this.#fetches.set(entry.name, fetched);
    return fetched;
  }

  async #fetchUnlessThere(entry: Entry, fetch: () => Promise<void>): Promise<void> {
    await this.#removalsDone();
    if (!(await this.#folder.isWhole(entry))) await fetch();
  }

  #markUsed(entry: Entry): void {
    this.#entries.delete(entry.name);
    this.#entries.set(entry.name, entry);
  }
}

function full(size: number, bytesMax: number): LakehouseError {
  const message = `The object cache (queryd.cache_max_bytes) has no room for an object of ${size} bytes beside those in use.`;
  return new LakehouseError("cache_full", message, { details: { size, limit_bytes: bytesMax }, retryAfterSeconds: 5 });
}
