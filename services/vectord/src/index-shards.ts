import type { BatchBytes } from "./formats/batch.ts";
import type { Parameters } from "./formats/log-record.ts";
import type { ShardHits, ShardSearch } from "./shard/searcher.ts";
import type { BatchCounts, HeldRows, SavedGraph, ShardRows } from "./shard/shard.ts";
import type { Handle, ShardState } from "./shard/shard-calls.ts";
import { shardOf } from "./shard/shard-of.ts";
import type { ShardThreads } from "./threads/shard-threads.ts";

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
   */
  async adopt(loaded: readonly { rows: ShardRows; graph: SavedGraph | undefined }[]): Promise<string | undefined> {
    const faults = await Promise.all(
      loaded.map(({ rows, graph }, number) => this.#threads.one(number, "adopt", this.#handle, rows, graph)),
    );
    return faults.find((fault) => fault !== undefined);
  }

  /** Counts of each batch. */
  async apply(batches: readonly BatchBytes[]): Promise<BatchCounts[]> {
    const parts = await this.#threads.all("apply", this.#handle, batches);
    return batches.map((_, index) => parts.map((counts) => counts[index]!).reduce(sumCounts));
  }

  /** Waits while too much of any shard is searched by scanning. */
  async caughtUp(): Promise<void> {
    await this.#threads.all("caughtUp", this.#handle);
  }

  search(search: ShardSearch): Promise<ShardHits[]> {
    return this.#threads.all("search", this.#handle, search);
  }

  item(id: string): Promise<string | undefined> {
    return this.#threads.one(shardOf(id, this.total), "item", this.#handle, id);
  }

  /** @param graphPath of each shard's graph */
  hold(graphPath: (number: number) => string): Promise<HeldRows[]> {
    const numbers = Array.from({ length: this.total }, (_, number) => number);
    return Promise.all(numbers.map((number) => this.#threads.one(number, "hold", this.#handle, graphPath(number))));
  }

  async release(): Promise<void> {
    await this.#threads.all("release", this.#handle);
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
}

function sumCounts(a: BatchCounts, b: BatchCounts): BatchCounts {
  return { added: a.added + b.added, updated: a.updated + b.updated, deleted: a.deleted + b.deleted };
}
