import { join } from "node:path";
import { CatalogClient, StorageClient } from "@lakehouse/clients";
import { runService } from "@lakehouse/server";
import { buildApp } from "./app.ts";
import { ConversionThreads } from "./convert/conversion-threads.ts";
import { rehearse } from "./rehearse.ts";
import { Spool } from "./spool/spool.ts";

await runService("ingestd", async (platform) => {
  const { config, logger, token } = platform;
  const { storaged_url, catalogd_url, spool_dir } = config.ingestd;
  const timeoutMs = config.server.request_timeout;
  const storage = new StorageClient({ baseUrl: storaged_url, token, timeoutMs });
  const catalog = new CatalogClient({ baseUrl: catalogd_url, token, timeoutMs });
  const spool = new Spool(spool_dir);
  const threads = new ConversionThreads();
  // Conversion threads find their code compiled here; without it each loads a TypeScript compiler of 18 MB.
  process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "../../../node_modules/.cache/code");
  await rehearse(spool);
  return {
    app: buildApp({ spool, threads, storage, catalog }, platform),
    start: async () => {
      // The port is ours by now, so no other process is using this spool.
      const files = await spool.sweep();
      if (files > 0) logger.warn({ files }, "swept what a crash left in the spool");
    },
    close: async () => {
      await Promise.all([threads.close(), storage.close(), catalog.close()]);
    },
  };
});
