import { availableParallelism } from "node:os";
import { collectBuffersEarly, runService } from "@lakehouse/server";
import { buildApp } from "./app.ts";
import { addStateGauges, createMetrics } from "./metrics.ts";
import type { parserCalls } from "./parser/parser-thread.ts";
import { openPersistence } from "./persistence/persistence.ts";
import { ShardThreads } from "./shard/shard-threads.ts";
import { RevivingThread } from "./threads/reviving-thread.ts";
import { Upkeep } from "./upkeep.ts";
import { VectorIndexes } from "./vector-indexes.ts";

const parserEntry = new URL("./parser/parser-thread.ts", import.meta.url);

await runService("vectord", async (platform) => {
  collectBuffersEarly();
  const { config, logger, registry, token } = platform;
  const { storaged_url: baseUrl, shards, engine, full_scan_threshold: fullScanThreshold, ...settings } = config.vectord;
  const timeoutMs = config.server.request_timeout;
  const threads = new ShardThreads(shards || coresForShards(), engine);
  const parser = new RevivingThread<typeof parserCalls>(parserEntry);
  const storage = { baseUrl, token, timeoutMs };
  const persistence = baseUrl === "" ? undefined : await openPersistence({ storage, threads, logger });
  const indexes = new VectorIndexes({ threads, persistence, fullScanThreshold, logger });
  const metrics = createMetrics(registry);
  addStateGauges(registry, indexes);
  const upkeep =
    persistence &&
    new Upkeep({
      indexes,
      logger,
      foldBytes: settings.fold_bytes,
      foldIdleMs: settings.fold_idle,
      onFold: metrics.countFold,
    });
  return {
    app: buildApp({ indexes, parser, maxAddBytes: settings.max_add_bytes, store: persistence?.store }, platform),
    start: () => upkeep?.start(),
    close: async () => {
      await Promise.all([upkeep?.stop(), persistence?.close()]);
      await Promise.all([threads.close(), parser.close()]);
    },
  };
});

/** One core is left to HTTP and parsing: shards that compete with them answer fewer searches, not more. */
function coresForShards(): number {
  return Math.max(1, availableParallelism() - 1);
}
