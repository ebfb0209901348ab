import type { RequestContext } from "@lakehouse/core";
import { DamagedError } from "../formats/damaged-error.ts";
import { IndexShards } from "../shard/index-shards.ts";
import type { ShardThreads } from "../shard/shard-threads.ts";
import type { RevivingThread } from "../threads/reviving-thread.ts";
import type { FileCalls } from "./file-calls.ts";
import { IndexLog } from "./index-log.ts";
import type { IndexState } from "./index-state.ts";
import type { IndexStore, StoredIndex } from "./index-store.ts";
import { type ChainLink, readChain } from "./log-chain.ts";
import { LogReader } from "./log-reader.ts";
import type { LoadedFile } from "./read-index-file.ts";

export interface LoadedIndex {
  state: IndexState;
  shards: IndexShards;
  log: IndexLog;
  /** Why a graph is built anew; undefined where none is. */
  graphFault: string | undefined;
}

export interface LoaderDependencies {
  store: IndexStore;
  files: RevivingThread<FileCalls>;
  /** Bearer token of the moment. */
  token: () => string;
  threads: ShardThreads;
}

/** Brings indexes back: the file, then what the log has beyond it. */
export class IndexLoader {
  readonly #dependencies: LoaderDependencies;

  constructor(dependencies: LoaderDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * @returns undefined where the log says that the index is gone
   * @throws DamagedError where something that was acknowledged can't be read; LakehouseError where the store can't be reached
   */
  async load(name: string, stored: StoredIndex, context: RequestContext): Promise<LoadedIndex | undefined> {
    const { store, threads } = this.#dependencies;
    const file = stored.hasFile ? await this.#readFile(name) : undefined;
    const sequence = file instanceof DamagedError ? 0 : (file?.sequence ?? 0);
    const beyond = stored.records.filter((record) => record.sequence > sequence);
    const reader = new LogReader(store, name, beyond, context);
    const chain = await readChain(reader, beyond, sequence);
    const state = startOf(name, file, chain);
    if (state === undefined) return undefined;
    const base = chain[0]?.entry.entry === "create" ? undefined : (file as LoadedFile);
    const shards = await IndexShards.open(threads, state.parameters);
    try {
      const graphFault = base && ((await shards.adopt(base.shards)) ?? base.graphFault);
      await this.#replay(state, shards, chain, reader);
      const previous = chain.at(-1)?.head.sequence ?? sequence;
      return { state, shards, log: this.logOf(name, stored, previous), graphFault };
    } catch (error) {
      await shards.close();
      throw error;
    }
  }

  /** @param previous the last record that counts; the last that is stored unless told */
  logOf(name: string, { records }: StoredIndex, previous = records.at(-1)?.sequence ?? 0): IndexLog {
    const last = Math.max(previous, records.at(-1)?.sequence ?? 0);
    const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
    return new IndexLog(this.#dependencies.store, name, { previous, last, bytes, records: records.length });
  }

  async #readFile(name: string): Promise<LoadedFile | DamagedError | undefined> {
    const { files, token, threads } = this.#dependencies;
    try {
      return await files.call("read", token(), name, threads.total);
    } catch (error) {
      if (error instanceof DamagedError) return error;
      throw error;
    }
  }

  async #replay(state: IndexState, shards: IndexShards, chain: readonly ChainLink[], reader: LogReader): Promise<void> {
    for (const { head, entry } of chain) {
      if (entry.entry !== "batches") continue;
      if (entry.index_id !== state.id) throw new DamagedError(`The record ${head.sequence} is of another index.`);
      const { batches } = await reader.read(head.sequence);
      await shards.replay(batches);
      state.updatedAt = new Date(head.written_at);
    }
    state.count = (await shards.state()).count;
  }
}

/**
 * What the index is before the batches of the log.
 * @throws DamagedError where neither file nor log has its beginning
 */
function startOf(
  name: string,
  file: LoadedFile | DamagedError | undefined,
  [first]: readonly ChainLink[],
): IndexState | undefined {
  if (first?.entry.entry === "create") {
    const { index_id: id, parameters } = first.entry;
    const createdAt = new Date(first.head.written_at);
    return { name, id, parameters, createdAt, updatedAt: createdAt, count: 0 };
  }
  if (first?.entry.entry === "drop") return undefined;
  if (file instanceof DamagedError) throw new DamagedError(`Its file is damaged: ${file.message}`, { cause: file });
  if (first !== undefined && file === undefined) throw new DamagedError("Its file is missing.");
  return file?.state;
}
