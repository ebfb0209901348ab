import { setImmediate as nextTurn } from "node:timers/promises";
import { LakehouseError } from "@lakehouse/core/lakehouse-error";
import { type BatchBytes, freeBytes } from "../formats/batch.ts";
import type { Parameters } from "../formats/log-record.ts";
import type { AnnEngine } from "./ann-index.ts";
import { UNINDEXED_MAX } from "./limits.ts";
import type { ShardHits, ShardSearch } from "./searcher.ts";
import { type BatchCounts, type SavedGraph, type SavedShard, Shard, type ShardRows } from "./shard.ts";
import { shardOf } from "./shard-of.ts";

/** Names a shard within its thread; never used twice, so that a late message can't reach another index. */
export type Handle = number;

export interface ShardState {
  count: number;
  unindexed: number;
  dead: number;
}

/** One thread's shards, one of each index, and the work on their graphs between calls. */
export class ShardCalls {
  readonly #shards = new Map<Handle, Shard>();
  readonly #engine: AnnEngine;
  readonly #number: number;
  readonly #total: number;
  #indexing: Promise<void> | undefined;
  readonly #waiting = new Set<() => void>();
  /** Graphs on their way from and to files. */
  readonly #transfers = new Set<Promise<unknown>>();
  #ended: boolean = false;

  /** @param number of this thread's shards, from 0, out of `total` */
  constructor(engine: AnnEngine, number: number, total: number) {
    this.#engine = engine;
    this.#number = number;
    this.#total = total;
  }

  open(handle: Handle, parameters: Parameters): void {
    if (this.#ended) throw new LakehouseError("not_loaded", "The service is stopping.");
    this.#shards.set(handle, new Shard(parameters, this.#engine));
  }

  /** @returns why the saved graph could not be used; undefined where it is in use, or there was none */
  async adopt(handle: Handle, rows: ShardRows, saved: SavedGraph | undefined): Promise<string | undefined> {
    const fault = await this.#transfer(this.#shard(handle).adopt(rows, saved));
    this.#keepIndexing();
    return fault === undefined ? undefined : String(fault);
  }

  /** The batches are visible to the next call, and their memory is given back. */
  apply(handle: Handle, batches: readonly BatchBytes[]): BatchCounts[] {
    const shard = this.#shard(handle);
    const counts = batches.map((batch) => shard.apply(batch, this.#owns));
    batches.forEach(freeBytes);
    this.#keepIndexing();
    return counts;
  }

  /**
   * As `apply`, for batches that come out of the log.
   * @throws DamagedError where one could not have been added; those before it are applied
   */
  replay(handle: Handle, batches: readonly BatchBytes[]): void {
    const shard = this.#shard(handle);
    for (const batch of batches) shard.replay(batch, this.#owns);
    batches.forEach(freeBytes);
    this.#keepIndexing();
  }

  /** Waits while too much of the shard is unindexed. */
  async caughtUp(handle: Handle): Promise<void> {
    while ((this.#shards.get(handle)?.unindexed ?? 0) > UNINDEXED_MAX) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  search(handle: Handle, search: ShardSearch): ShardHits {
    return this.#shard(handle).search(search);
  }

  item(handle: Handle, id: string): string | undefined {
    return this.#shard(handle).item(id);
  }

  async save(handle: Handle, folder: string): Promise<SavedShard> {
    const saved = await this.#transfer(this.#shard(handle).save(folder));
    this.#keepIndexing();
    return saved;
  }

  state(handle: Handle): ShardState {
    const { count, unindexed, dead } = this.#shard(handle);
    return { count, unindexed, dead };
  }

  close(handle: Handle): void {
    this.#shards.get(handle)?.close();
    this.#shards.delete(handle);
  }

  /**
   * Nothing runs in the engine any more once this has resolved, and nothing will. Only then may the thread be ended: one that
   * is ended inside an addon can take the whole process along (SIGABRT), since Node-API can't throw into a thread that ends.
   */
  async end(): Promise<void> {
    this.#ended = true;
    this.#shards.clear();
    await this.#indexing;
    await Promise.allSettled(this.#transfers);
  }

  readonly #owns = (id: string): boolean => shardOf(id, this.#total) === this.#number;

  #shard(handle: Handle): Shard {
    const shard = this.#shards.get(handle);
    // Its thread died and was replaced: the index is being loaded anew.
    if (!shard) throw new LakehouseError("not_loaded", "The index is being loaded; ask again in a moment.");
    return shard;
  }

  async #transfer<T>(transfer: Promise<T>): Promise<T> {
    this.#transfers.add(transfer);
    try {
      return await transfer;
    } finally {
      this.#transfers.delete(transfer);
    }
  }

  #keepIndexing(): void {
    // What goes wrong in there ends the thread, as any uncaught error; its owner loads the indexes anew.
    this.#indexing ??= this.#index();
  }

  /** A slice of work on every graph that lags, then whatever was called meanwhile, and so on. */
  async #index(): Promise<void> {
    for (let more = true; more; ) {
      await nextTurn();
      more = [...this.#shards.values()].map((shard) => shard.advance()).includes(true);
      for (const resume of this.#waiting) resume();
      this.#waiting.clear();
    }
    this.#indexing = undefined;
  }
}
