import { type ClientOptions, StorageClient, tokenOf } from "@lakehouse/clients";
import { backgroundContext } from "@lakehouse/core";
import type { Logger } from "@lakehouse/server";
import { Scratch } from "../shard/scratch.ts";
import type { ShardThreads } from "../shard/shard-threads.ts";
import { RevivingThread } from "../threads/reviving-thread.ts";
import type { FileCalls } from "./file-calls.ts";
import { Folder } from "./folder.ts";
import { IndexLoader } from "./index-loader.ts";
import { IndexLog } from "./index-log.ts";
import type { IndexStore } from "./index-store.ts";
import { StoragedIndexStore } from "./index-store-storaged.ts";
import { BACKGROUND_MS_MAX } from "./limits.ts";

const fileEntry = new URL("./file-thread.ts", import.meta.url);

interface PersistenceOptions {
  /** Where storaged is. */
  storage: ClientOptions;
  threads: ShardThreads;
  logger: Logger;
}

/** All that keeps indexes beyond the life of this process. */
export interface Persistence {
  store: IndexStore;
  loader: IndexLoader;
  folder: Folder;
  close(): Promise<void>;
}

export async function openPersistence({ storage, threads, logger }: PersistenceOptions): Promise<Persistence> {
  const client = new StorageClient(storage);
  const store = new StoragedIndexStore(client, storage.timeoutMs);
  const { baseUrl, timeoutMs } = storage;
  const files = new RevivingThread<FileCalls>(fileEntry, { baseUrl, timeoutMs });
  const token = () => tokenOf(storage);
  const scratch = await Scratch.open();
  return {
    store,
    loader: new IndexLoader({ store, files, token, threads }),
    folder: new Folder({ files, token, scratch, logger }),
    close: async () => {
      await files.close();
      await scratch.close();
      await client.close();
    },
  };
}

/** For a name of which nothing is stored. */
export function newLog(store: IndexStore, name: string): IndexLog {
  return new IndexLog(store, name, { previous: 0, last: 0, bytes: 0, records: 0 });
}

/** Of an index that its log says is gone. The last record goes last: until then the next start knows that it is gone. */
export async function removeAll(store: IndexStore, name: string, log: IndexLog): Promise<void> {
  await store.removeFile(name);
  await log.removeUpTo(log.last, backgroundContext(BACKGROUND_MS_MAX));
}
