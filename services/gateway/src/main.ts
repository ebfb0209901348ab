import { collectBuffersEarly, runService } from "@lakehouse/server";
import { buildApp } from "./app.ts";
import { closeUpstreams, openUpstreams } from "./upstreams.ts";

await runService("gateway", async (platform) => {
  collectBuffersEarly();
  const upstreams = openUpstreams(platform.config.gateway);
  return {
    app: buildApp(upstreams, platform),
    close: () => closeUpstreams(upstreams),
  };
});
