import { type ConfigOverrides, testPlatform } from "@lakehouse/server";
import { serveApp } from "@lakehouse/testing";
import { buildApp } from "../src/app.ts";
import { closeUpstreams, openUpstreams } from "../src/upstreams.ts";

/** The gateway in this process, on a socket of its own. */
export async function openGateway(config: ConfigOverrides) {
  const platform = testPlatform("gateway", config);
  const upstreams = openUpstreams(platform.config.gateway);
  const app = buildApp(upstreams, platform);
  return { app, ...(await serveApp(app, () => closeUpstreams(upstreams))) };
}
