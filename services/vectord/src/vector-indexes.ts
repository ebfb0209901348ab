import { randomUUID } from "node:crypto";
import type { CreateIndexRequest, IndexInfo } from "@lakehouse/contracts";
import { assertName, LakehouseError, type RequestContext } from "@lakehouse/core";
import { KeyedLock, type Logger, Slots } from "@lakehouse/server";
import { DamagedError } from "./formats/damaged-error.ts";
import { LOADS_MAX } from "./limits.ts";
import type { IndexLog } from "./persistence/index-log.ts";
import type { IndexState } from "./persistence/index-state.ts";
import type { StoredIndex } from "./persistence/index-store.ts";
import { newLog, type Persistence, removeAll } from "./persistence/persistence.ts";
import { IndexShards } from "./shard/index-shards.ts";
import type { ShardThreads } from "./shard/shard-threads.ts";
import { VectorIndex } from "./vector-index.ts";

export interface VectorIndexesDependencies {
  threads: ShardThreads;
  /** None: memory only. */
  persistence: Persistence | undefined;
  fullScanThreshold: number;
  logger: Logger;
}

type Entry =
  /** Once what went before has come to its end. */
  | { status: "loading"; after: Promise<void> }
  | { status: "served"; index: VectorIndex; graphFault: string | undefined }
  | { status: "damaged"; reason: string; log: IndexLog | undefined };

interface NamedReason {
  name: string;
  reason: string;
}

export interface IndexesCondition {
  loaded: boolean;
  damaged: NamedReason[];
  /** Served, with a graph that is built anew since its file was of no use. */
  rebuilt: NamedReason[];
}

/**
 * All indexes. Making, dropping, loading and folding of one name run one after the other, of different names side by side;
 * batches and searches go straight to the index.
 */
export class VectorIndexes {
  readonly #threads: ShardThreads;
  readonly #persistence: Persistence | undefined;
  readonly #fullScanThreshold: number;
  readonly #logger: Logger;
  readonly #locks = new KeyedLock();
  readonly #loads = new Slots(LOADS_MAX);
  readonly #entries = new Map<string, Entry>();
  /** Of indexes that are gone, with something of them still stored. */
  readonly #leftovers = new Map<string, IndexLog>();
  /** Whether it is known which indexes there are. */
  #isListed: boolean;

  constructor({ threads, persistence, fullScanThreshold, logger }: VectorIndexesDependencies) {
    this.#threads = threads;
    this.#persistence = persistence;
    this.#fullScanThreshold = fullScanThreshold;
    this.#logger = logger;
    this.#isListed = persistence === undefined;
    threads.onLost((error) => this.#lose(error));
  }

  /** By name; those that can't be served are left out. @throws LakehouseError `not_loaded` */
  list(): IndexInfo[] {
    this.#assertListed();
    return this.served()
      .map((index) => index.info())
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  served(): VectorIndex[] {
    return [...this.#entries.values()].flatMap((entry) => (entry.status === "served" ? [entry.index] : []));
  }

  /** @throws LakehouseError `index_not_found`, `index_damaged`, `not_loaded` */
  get(name: string): VectorIndex {
    this.#assertListed();
    const entry = this.#entries.get(name);
    if (entry?.status === "served") return entry.index;
    throw whyNotServed(name, entry);
  }

  /** @throws LakehouseError `invalid_name`, `index_exists`, `not_loaded`, `storage_unavailable`, `storage_full` */
  async create({ name, ...parameters }: CreateIndexRequest): Promise<IndexInfo> {
    assertName(name);
    return this.#locks.run(name, async () => {
      this.#assertListed();
      if (this.#entries.has(name)) throw new LakehouseError("index_exists", `There is an index ${name} already.`);
      const now = new Date();
      const state: IndexState = { name, id: randomUUID(), parameters, createdAt: now, updatedAt: now, count: 0 };
      const log = this.#leftovers.get(name) ?? (this.#persistence && newLog(this.#persistence.store, name));
      const shards = await IndexShards.open(this.#threads, parameters);
      try {
        await log?.write({ entry: "create", index_id: state.id, parameters }, [], now);
      } catch (error) {
        await shards.close();
        if (log) this.#leftovers.set(name, log);
        throw error;
      }
      this.#leftovers.delete(name);
      return this.#serve(state, shards, log, undefined).info();
    });
  }

  /** Damaged ones too. @throws LakehouseError `index_not_found`, `not_loaded`, `storage_unavailable`, `storage_full` */
  async remove(name: string): Promise<void> {
    await this.#locks.run(name, async () => {
      this.#assertListed();
      const entry = this.#entries.get(name);
      if (entry === undefined || entry.status === "loading") throw whyNotServed(name, entry);
      const log = entry.status === "served" ? entry.index.log : entry.log;
      if (entry.status === "served") await entry.index.drop();
      else await log?.write({ entry: "drop" }, [], new Date());
      this.#entries.delete(name);
      if (entry.status === "served") await entry.index.close();
      if (log) await this.#clean(name, log);
    });
  }

  hasGraphFault(name: string): boolean {
    const entry = this.#entries.get(name);
    return entry?.status === "served" && entry.graphFault !== undefined;
  }

  condition(): IndexesCondition {
    const entries = [...this.#entries];
    return {
      loaded: this.#isListed && entries.every(([, { status }]) => status !== "loading"),
      damaged: entries.flatMap(([name, entry]) => (entry.status === "damaged" ? [{ name, reason: entry.reason }] : [])),
      rebuilt: entries.flatMap(([name, entry]) =>
        entry.status === "served" && entry.graphFault !== undefined ? [{ name, reason: entry.graphFault }] : [],
      ),
    };
  }

  /** Finds out which indexes are stored, and loads those that are not served. @throws LakehouseError where the store can't be reached */
  async load(context: RequestContext): Promise<void> {
    if (!this.#isListed) {
      const names = await this.#persistence!.store.names(context);
      for (const name of names) this.#entries.set(name, { status: "loading", after: Promise.resolve() });
      this.#isListed = true;
    }
    const loading = [...this.#entries].filter(([, { status }]) => status === "loading");
    const outcomes = await Promise.allSettled(
      loading.map(([name]) => this.#loads.run(() => this.#locks.run(name, () => this.#load(name, context)))),
    );
    // One that can't be loaded now keeps no other from it.
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  /** Writes the index's file and empties its log. */
  async fold(index: VectorIndex): Promise<void> {
    await this.#locks.run(index.name, async () => {
      const entry = this.#entries.get(index.name);
      if (entry?.status !== "served" || entry.index !== index) return;
      await this.#persistence!.folder.fold(index);
      entry.graphFault = undefined;
    });
  }

  /** Removes what is still stored of indexes that are gone. */
  async clean(): Promise<void> {
    for (const name of this.#leftovers.keys()) {
      await this.#locks.run(name, async () => {
        const log = this.#leftovers.get(name);
        if (log) await this.#clean(name, log);
      });
    }
  }

  async #load(name: string, context: RequestContext): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry?.status !== "loading") return;
    await entry.after;
    const { loader, store } = this.#persistence!;
    const stored: StoredIndex = await store.find(name, context);
    try {
      const loaded = await loader.load(name, stored, context);
      if (loaded) {
        this.#serve(loaded.state, loaded.shards, loaded.log, loaded.graphFault);
      } else {
        this.#entries.delete(name);
        this.#leftovers.set(name, loader.logOf(name, stored));
      }
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      this.#logger.error({ index: name, reason: error.message }, "an index is damaged; it stays where it is");
      this.#entries.set(name, { status: "damaged", reason: error.message, log: loader.logOf(name, stored) });
    }
  }

  #serve(
    state: IndexState,
    shards: IndexShards,
    log: IndexLog | undefined,
    graphFault: string | undefined,
  ): VectorIndex {
    const onLost = (error: unknown) => this.#reload(index, error);
    const index = new VectorIndex(state, { shards, log, fullScanThreshold: this.#fullScanThreshold, onLost });
    if (graphFault) this.#logger.warn({ index: state.name, reason: graphFault }, "a graph is built anew");
    this.#entries.set(state.name, { status: "served", index, graphFault });
    return index;
  }

  /** A thread died, and with it a shard of every index. */
  #lose(error: unknown): void {
    this.#logger.error({ err: error }, "a thread died; its indexes are loaded anew");
    for (const index of this.served()) this.#reload(index, error);
  }

  #reload(index: VectorIndex, cause: unknown): void {
    const entry = this.#entries.get(index.name);
    if (entry?.status !== "served" || entry.index !== index) return;
    const after = index.abandon();
    const reason = "It was in memory only, and a thread that held it died.";
    this.#logger.warn({ index: index.name, err: cause }, "an index is loaded anew");
    this.#entries.set(
      index.name,
      this.#persistence ? { status: "loading", after } : { status: "damaged", reason, log: undefined },
    );
  }

  async #clean(name: string, log: IndexLog): Promise<void> {
    this.#leftovers.set(name, log);
    try {
      await removeAll(this.#persistence!.store, name, log);
      this.#leftovers.delete(name);
    } catch (error) {
      this.#logger.warn({ index: name, err: error }, "a deleted index is still stored; it will be removed later");
    }
  }

  #assertListed(): void {
    if (this.#isListed) return;
    throw new LakehouseError("not_loaded", "The indexes are not loaded yet: storaged is out of reach.");
  }
}

function whyNotServed(name: string, entry: Entry | undefined): LakehouseError {
  if (entry?.status === "damaged") {
    return new LakehouseError("index_damaged", `The index ${name} is damaged. ${entry.reason}`);
  }
  if (entry?.status === "loading") return new LakehouseError("not_loaded", `The index ${name} is being loaded.`);
  return new LakehouseError("index_not_found", `There is no index ${JSON.stringify(name)}.`);
}
