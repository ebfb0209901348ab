import { testPlatform } from "@lakehouse/server";
import { serveApp } from "@lakehouse/testing";
import { buildApp } from "../src/app.ts";
import type { parserCalls } from "../src/parser/parser-thread.ts";
import { openPersistence } from "../src/persistence/persistence.ts";
import type { EngineName } from "../src/shard/ann-index.ts";
import { ShardThreads } from "../src/shard/shard-threads.ts";
import { RevivingThread } from "../src/threads/reviving-thread.ts";
import { Upkeep } from "../src/upkeep.ts";
import { VectorIndexes } from "../src/vector-indexes.ts";

export interface Vectord extends AsyncDisposable {
  /** `http://127.0.0.1:…/vectors/index` */
  url: string;
  origin: string;
}

interface Options {
  /** Empty: memory only. */
  storagedUrl?: string;
  maxAddBytes?: number;
  fullScanThreshold?: number;
  shards?: number;
  engine?: EngineName;
}

/** vectord in this process, on a socket of its own, with threads of its own. */
export async function openVectord({
  storagedUrl = "",
  maxAddBytes = 2 ** 20,
  fullScanThreshold = 100,
  shards = 2,
  engine = "native",
}: Options = {}): Promise<Vectord> {
  const platform = testPlatform("vectord");
  const { logger } = platform;
  const threads = new ShardThreads(shards, engine);
  const parser = new RevivingThread<typeof parserCalls>(new URL("../src/parser/parser-thread.ts", import.meta.url));
  const storage = { baseUrl: storagedUrl, token: "", timeoutMs: 5_000 };
  const persistence = storagedUrl === "" ? undefined : await openPersistence({ storage, threads, logger });
  const indexes = new VectorIndexes({ threads, persistence, fullScanThreshold, logger });
  const upkeep =
    persistence && new Upkeep({ indexes, logger, foldBytes: 2 ** 30, foldIdleMs: 60_000, onFold: () => undefined });
  const app = buildApp({ indexes, parser, maxAddBytes, store: persistence?.store }, platform);
  const served = await serveApp(app, async () => {
    await Promise.all([upkeep?.stop(), persistence?.close()]);
    await Promise.all([threads.close(), parser.close()]);
  });
  upkeep?.start();
  return { ...served, origin: served.url, url: `${served.url}/vectors/index` };
}
