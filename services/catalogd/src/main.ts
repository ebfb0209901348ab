import { StorageClient } from "@lakehouse/clients";
import { runService } from "@lakehouse/server";
import { buildApp } from "./app.ts";
import { Catalog } from "./catalog.ts";
import { StoragedDatasetObjects } from "./dataset-objects.ts";
import { GarbageCollector } from "./garbage.ts";
import { StoragedManifestStore } from "./manifest-store-storaged.ts";
import { addStateGauges, createMetrics } from "./metrics.ts";
import { Upkeep } from "./upkeep.ts";

await runService("catalogd", async (platform) => {
  const { config, logger, registry, token } = platform;
  const { storaged_url: baseUrl, gc_grace: graceMs, gc_every: gcEveryMs } = config.catalogd;
  const timeoutMs = config.server.request_timeout;
  const storage = new StorageClient({ baseUrl, token, timeoutMs });
  const store = new StoragedManifestStore(storage, timeoutMs);
  const objects = new StoragedDatasetObjects(storage, timeoutMs);
  const metrics = createMetrics(registry);
  const catalog = new Catalog({ store, objects, logger });
  addStateGauges(registry, catalog);
  const collector = new GarbageCollector({ catalog, objects, graceMs, onRemoved: metrics.countRemoved });
  const upkeep = new Upkeep({ catalog, collector, logger, gcEveryMs });
  await upkeep.tryLoad();
  return {
    app: buildApp({ catalog, collector, metrics, store }, platform),
    start: () => upkeep.start(),
    close: async () => {
      await upkeep.stop();
      await store.close();
      await storage.close();
    },
  };
});
