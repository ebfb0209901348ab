import { runService } from "@lakehouse/server";
import { buildApp } from "./app.ts";
import { MemoryLoader } from "./memory-loader.ts";
import { addStateGauges, createMetrics } from "./metrics.ts";

await runService("pathwayd", async (platform) => {
  const { config, logger, registry } = platform;
  const loader = new MemoryLoader({ logPath: config.pathwayd.log_path, logger, ...createMetrics(registry) });
  addStateGauges(registry, loader);
  return {
    app: buildApp(loader, platform),
    start: () => loader.start(),
    close: () => loader.close(),
  };
});
