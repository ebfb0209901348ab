import "./thread-pool.ts";
import { availableParallelism } from "node:os";
import { CatalogClient, StorageClient } from "@lakehouse/clients";
import { runService } from "@lakehouse/server";
import { buildApp } from "./app.ts";
import { addStateGauges, createMetrics } from "./metrics.ts";
import { CachedObjectAccess } from "./objects/object-access-cache.ts";
import { openEngine } from "./open-engine.ts";
import { QueryRunner } from "./query/query-runner.ts";
import { QuerySlots } from "./session/query-slots.ts";
import { slotsWithin } from "./thread-pool.ts";
import { CatalogWatch } from "./views/catalog-watch.ts";
import { DatasetViews } from "./views/dataset-views.ts";

await runService("queryd", async (platform) => {
  const { config, logger, registry, token } = platform;
  const { catalogd_url, storaged_url, refresh_every: everyMs, query_timeout: timeoutMs } = config.queryd;
  const peer = (baseUrl: string) => ({ baseUrl, token, timeoutMs: config.server.request_timeout });
  const catalog = new CatalogClient(peer(catalogd_url));
  const storage = new StorageClient(peer(storaged_url));
  const { engine, access, exportFolder } = await openEngine({ config, storage, logger });
  const views = new DatasetViews({ connection: await engine.connect(), access, logger });
  const watch = new CatalogWatch({ catalog, views, logger, timeoutMs: config.server.request_timeout, everyMs });
  const wanted = config.queryd.max_concurrent || 2 * availableParallelism();
  const slots = new QuerySlots(slotsWithin(wanted));
  if (slots.count < wanted) logger.warn(`queryd.max_concurrent is ${wanted}, but there are threads for ${slots.count}`);
  const objectFolders = [...access.allowedFolders, exportFolder];
  const runner = new QueryRunner({ engine, views, watch, slots, logger, timeoutMs, exportFolder, objectFolders });
  const cache = access instanceof CachedObjectAccess ? access.cache : undefined;
  addStateGauges(registry, { slots, views, cache });
  return {
    app: buildApp({ runner, views, watch, metrics: createMetrics(registry), catalog, access }, platform),
    start: () => watch.start(),
    close: async () => {
      watch.stop();
      await Promise.all([catalog.close(), storage.close()]);
      await engine.close();
    },
  };
});
