import type { BatchBytes } from "../formats/batch.ts";
import type { Parameters } from "../formats/log-record.ts";
import type { ShardHits, ShardSearch } from "./searcher.ts";
import type { BatchCounts, SavedGraph, SavedShard, ShardRows } from "./shard.ts";
import type { Handle, ShardState } from "./shard-calls.ts";
import { shardOf } from "./shard-of.ts";
import type { ShardThreads } from "./shard-threads.ts";

/** What a shard has in a file. */
export interface LoadedShard {
  rows: ShardRows;
  graph: SavedGraph | undefined;
}

/** The shards of one index, seen as one. Whatever is called first is seen by what is called after it, on all shards. */
export class IndexShards {
  readonly #threads: ShardThreads;
  readonly #handle: Handle;

  private constructor(threads: ShardThreads) {
    this.#threads = threads;
    this.#handle = threads.newHandle();
  }

  static async open(threads: ShardThreads, parameters: Parameters): Promise<IndexShards> {
    const shards = new IndexShards(threads);
    await threads.all("open", shards.#handle, parameters);
    return shards;
  }

  get total(): number {
    return this.#threads.total;
  }

  /**
   * @param loaded what each shard has in a file
   * @returns why a saved graph could not be used; undefined where all are in use
   * @throws DamagedError where a shard can't serve its rows
   */
  async adopt(loaded: readonly LoadedShard[]): Promise<string | undefined> {
    const adopting = loaded.map((shard, number) =>
      this.#threads.thread(number).transfer(buffersOf(shard), "adopt", this.#handle, shard.rows, shard.graph),
    );
    // Whoever closes them after a failure must find none that still takes memory.
    await Promise.allSettled(adopting);
    const faults = await Promise.all(adopting);
    return faults.find((fault) => fault !== undefined);
  }

  /**
   * @param batches of each the part of each shard; their memory goes to the shards
   * @returns counts of each batch
   */
  async apply(batches: readonly BatchBytes[][]): Promise<BatchCounts[]> {
    const counted = await Promise.all(
      this.#numbers().map((number) => {
        const parts = batches.map((batch) => batch[number]!);
        const buffers = parts.map(({ buffer }) => buffer);
        return this.#threads.thread(number).transfer(buffers, "apply", this.#handle, parts);
      }),
    );
    return batches.map((_, index) => counted.map((counts) => counts[index]!).reduce(sumCounts));
  }

  /**
   * Batches that may have been dealt out to another number of shards: each takes what is its own.
   * @throws DamagedError where an item in them could not have been added
   */
  async replay(parts: readonly BatchBytes[]): Promise<void> {
    await this.#threads.all("replay", this.#handle, parts);
  }

  /** Waits while too much of any shard is searched by scanning. */
  async caughtUp(): Promise<void> {
    await this.#threads.all("caughtUp", this.#handle);
  }

  search(search: ShardSearch): Promise<ShardHits[]> {
    return this.#threads.all("search", this.#handle, search);
  }

  item(id: string): Promise<string | undefined> {
    return this.#threads.thread(shardOf(id, this.total)).call("item", this.#handle, id);
  }

  /** Each shard writes itself, as it is now, to files in a folder of its own. */
  save(folderOf: (number: number) => string): Promise<SavedShard[]> {
    return Promise.all(
      this.#numbers().map((number) => this.#threads.thread(number).call("save", this.#handle, folderOf(number))),
    );
  }

  async state(): Promise<ShardState> {
    const states = await this.#threads.all("state", this.#handle);
    return states.reduce((a, b) => ({
      count: a.count + b.count,
      unindexed: a.unindexed + b.unindexed,
      dead: a.dead + b.dead,
    }));
  }

  async close(): Promise<void> {
    await this.#threads.all("close", this.#handle);
  }

  #numbers(): number[] {
    return Array.from({ length: this.total }, (_, number) => number);
  }
}

/** What is transferred with it. */
export function buffersOf({ rows: { chunks, texts }, graph }: LoadedShard): ArrayBuffer[] {
  return [texts, ...chunks, ...(graph?.pieces ?? [])].map(({ buffer }) => buffer);
}

function sumCounts(a: BatchCounts, b: BatchCounts): BatchCounts {
  return { added: a.added + b.added, updated: a.updated + b.updated, deleted: a.deleted + b.deleted };
}
