import { loadSecrets, runService } from "@lakehouse/server";
import { buildApp } from "./app.ts";
import { openBuckets } from "./buckets.ts";

await runService("storaged", async (platform) => {
  const { config, logger, registry } = platform;
  const buckets = await openBuckets(config.storaged, {
    secrets: () => loadSecrets(config.secrets.path),
    timeoutMs: config.server.request_timeout,
    registry,
  });
  return {
    app: buildApp(buckets, platform),
    // The port is ours by now, so no other process is uploading into these buckets.
    start: () => buckets.startSweeping(logger),
    close: () => buckets.close(),
  };
});
