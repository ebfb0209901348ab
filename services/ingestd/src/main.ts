import { join } from "node:path";
import { CatalogClient, StorageClient } from "@lakehouse/clients";
import { runService } from "@lakehouse/server";
import { buildApp } from "./app.ts";
import { rehearse } from "./rehearse.ts";
import { Spool } from "./spool.ts";

await runService("ingestd", async (platform) => {
  const { config, logger, token } = platform;
  const { storaged_url, catalogd_url, spool_dir } = config.ingestd;
  const timeoutMs = config.server.request_timeout;
  const storage = new StorageClient({ baseUrl: storaged_url, token, timeoutMs });
  const catalog = new CatalogClient({ baseUrl: catalogd_url, token, timeoutMs });
  const spool = new Spool(spool_dir);
  // Conversion threads find their code compiled here; without it each loads a TypeScript compiler of 18 MB.
  process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "../node_modules/.cache/code");
  return {
    app: buildApp({ spool, storage, catalog }, platform),
    start: async () => {
      // The port is ours by now, so no other process is using this spool.
      const files = await spool.sweep();
      if (files > 0) logger.warn({ files }, "swept what a crash left in the spool");
      await rehearse(spool);
    },
    close: async () => {
      await Promise.all([storage.close(), catalog.close()]);
    },
  };
});
