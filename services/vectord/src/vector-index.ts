import type { AddItemsResult, DeleteItemsResult, IndexInfo, SearchRequest } from "@lakehouse/contracts";
import { isLakehouseError, LakehouseError } from "@lakehouse/core";
import type { BatchBytes } from "./formats/batch.ts";
import { RECORD_BYTES_MAX } from "./limits.ts";
import type { VectorKind } from "./parser/parse-batch.ts";
import type { IndexLog } from "./persistence/index-log.ts";
import type { Cut, IndexState } from "./persistence/index-state.ts";
import { type Hit, mergeHits } from "./search-answer.ts";
import { vectorFault } from "./shard/distance.ts";
import type { IndexShards } from "./shard/index-shards.ts";
import type { BatchCounts } from "./shard/shard.ts";

export interface VectorIndexDependencies {
  shards: IndexShards;
  /** None: memory only. */
  log: IndexLog | undefined;
  fullScanThreshold: number;
  /** What memory has may not be what the log has any more. */
  onLost: (error: unknown) => void;
}

interface Waiting {
  /** The part of each shard. */
  batch: BatchBytes[];
  done(counts: BatchCounts): void;
  failed(error: unknown): void;
}

/**
 * One index that is served. A batch is in the log before it is in memory, and whole in memory before anyone sees any of it.
 * Batches that arrive while a record is being written share the next one.
 */
export class VectorIndex {
  readonly #state: IndexState;
  readonly #shards: IndexShards;
  readonly #log: IndexLog | undefined;
  readonly #fullScanThreshold: number;
  readonly #onLost: (error: unknown) => void;
  readonly #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  /** Set where no batch can come any more. */
  #ended: LakehouseError | undefined;
  #applied: number;
  #writtenAt = performance.now();

  constructor(state: IndexState, { shards, log, fullScanThreshold, onLost }: VectorIndexDependencies) {
    this.#state = state;
    this.#shards = shards;
    this.#log = log;
    this.#fullScanThreshold = fullScanThreshold;
    this.#onLost = onLost;
    this.#applied = log?.last ?? 0;
  }

  get name(): string {
    return this.#state.name;
  }

  get kind(): VectorKind {
    return this.#state.parameters;
  }

  get log(): IndexLog | undefined {
    return this.#log;
  }

  get shards(): IndexShards {
    return this.#shards;
  }

  /** Milliseconds since a batch was last written. */
  get idleMs(): number {
    return performance.now() - this.#writtenAt;
  }

  info(): IndexInfo {
    const { name, parameters, count, createdAt, updatedAt } = this.#state;
    const { dimension, distance, m, ef_construction, ef_search } = parameters;
    return {
      name,
      dimension,
      distance,
      count,
      m,
      ef_construction,
      ef_search,
      created_at: createdAt.toISOString(),
      updated_at: updatedAt.toISOString(),
    };
  }

  /** @throws LakehouseError `storage_unavailable`, `storage_full`, `not_loaded`, `index_not_found` */
  async add(batch: BatchBytes[]): Promise<AddItemsResult> {
    const { added, updated } = await this.#commit(batch);
    const { count } = this.#state;
    await this.#shards.caughtUp();
    return { added, updated, count };
  }

  /** @throws LakehouseError as `add` */
  async deleteItems(batch: BatchBytes[]): Promise<DeleteItemsResult> {
    const { deleted } = await this.#commit(batch);
    return { deleted, count: this.#state.count };
  }

  /** @throws LakehouseError `invalid_vector`, `not_loaded` */
  async search({ vector, k, ef, exact, filter, include_vectors }: SearchRequest): Promise<Hit[]> {
    const query = this.#query(vector);
    const parts = await this.#ask(
      this.#shards.search({
        vector: query,
        k,
        ef: shardEf(ef ?? this.#state.parameters.ef_search, this.#shards.total),
        exact,
        filter: filter?.length ? filter : undefined,
        include_vectors,
        full_scan_threshold: this.#fullScanThreshold,
      }),
    );
    return mergeHits(parts, k);
  }

  /** JSON text. @throws LakehouseError `item_not_found`, `not_loaded` */
  async item(id: string): Promise<string> {
    const item = await this.#ask(this.#shards.item(id));
    if (item !== undefined) return item;
    throw new LakehouseError("item_not_found", `The index ${this.name} has no item ${JSON.stringify(id)}.`);
  }

  /** The rows of all shards after the same batches. */
  cut(folderOf: (number: number) => string): Cut {
    return { state: { ...this.#state }, sequence: this.#applied, saved: this.#shards.save(folderOf) };
  }

  /**
   * The end: after what is being written, and before anything else, the log says that the index is gone. `close` it then.
   * @throws LakehouseError `storage_unavailable`, `storage_full`: it is not
   */
  async drop(): Promise<void> {
    this.#ended = new LakehouseError("index_not_found", `The index ${this.name} is being deleted.`);
    try {
      await this.#writing;
      await this.#log?.write({ entry: "drop" }, [], new Date());
    } catch (error) {
      this.#ended = undefined;
      throw error;
    }
  }

  /** It will be loaded anew: what waits fails, and what is being written is waited for. */
  async abandon(): Promise<void> {
    this.#ended = new LakehouseError("not_loaded", `The index ${this.name} is being loaded anew.`);
    await this.#writing;
    await this.close();
  }

  async close(): Promise<void> {
    // A thread that died has given its memory back.
    await this.#shards.close().catch(() => {});
  }

  /** A shard that is not there was in a thread that died. */
  async #ask<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (isLakehouseError(error, "not_loaded")) this.#onLost(error);
      throw error;
    }
  }

  #query(numbers: readonly number[]): Float32Array {
    const { dimension, distance } = this.#state.parameters;
    const vector = new Float32Array(numbers);
    const fault =
      numbers.length === dimension
        ? vectorFault(vector, distance)
        : `it has ${numbers.length} numbers; the index takes ${dimension}`;
    if (fault === undefined) return vector;
    throw new LakehouseError("invalid_vector", `The vector can't be searched for: ${fault}.`);
  }

  #commit(batch: BatchBytes[]): Promise<BatchCounts> {
    const { promise, resolve, reject } = Promise.withResolvers<BatchCounts>();
    this.#waiting.push({ batch, done: resolve, failed: reject });
    this.#writing ??= this.#writeWaiting();
    return promise;
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) await this.#writeGroup(this.#takeGroup());
    this.#writing = undefined;
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    const end = this.#waiting.findIndex(({ batch }, index) => {
      bytes += batch.reduce((sum, part) => sum + part.length, 0);
      return index > 0 && bytes > RECORD_BYTES_MAX;
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  async #writeGroup(group: Waiting[]): Promise<void> {
    const batches = group.map(({ batch }) => batch);
    const now = new Date();
    try {
      if (this.#ended) throw this.#ended;
      await this.#log?.write({ entry: "batches", index_id: this.#state.id }, batches.flat(), now);
    } catch (error) {
      this.#settle();
      for (const { failed } of group) failed(error);
      return;
    }
    // The next record is written while the shards apply this one: they do so in the order in which they are called.
    const counts = this.#shards.apply(batches);
    this.#settle();
    this.#state.updatedAt = now;
    this.#finish(group, counts);
  }

  /** In the same breath as the shards are called, so that a cut has either both or neither. */
  #settle(): void {
    this.#applied = this.#log?.last ?? 0;
    this.#writtenAt = performance.now();
  }

  #finish(group: readonly Waiting[], counted: Promise<BatchCounts[]>): void {
    counted.then(
      (counts) => {
        for (const [index, { done }] of group.entries()) {
          const { added, deleted } = counts[index]!;
          this.#state.count += added - deleted;
          done(counts[index]!);
        }
      },
      (error: unknown) => {
        this.#onLost(error);
        for (const { failed } of group) failed(error);
      },
    );
  }
}

/** How widely each shard looks, so that together they look about as widely as one would. */
function shardEf(ef: number, shards: number): number {
  return Math.ceil(ef / shards);
}
