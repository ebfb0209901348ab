import { join } from "node:path";
import { testPlatform } from "@lakehouse/server";
import { type Answer, ask, serveApp, temporaryFolder } from "@lakehouse/testing";
import { buildApp } from "../src/app.ts";
import { MemoryLoader } from "../src/memory-loader.ts";
import { addStateGauges, createMetrics } from "../src/metrics.ts";

export interface Pathwayd extends AsyncDisposable {
  origin: string;
  logPath: string;
  loader: MemoryLoader;
  /** `POST /pathway/<route>`; a text goes as it is. */
  post(route: string, body: unknown): Promise<Answer>;
  get(route: string): Promise<Answer>;
}

/** pathwayd in this process, on a socket and a log of its own. */
export async function openPathwayd({ isStarted = true } = {}): Promise<Pathwayd> {
  const folder = await temporaryFolder();
  const platform = testPlatform("pathwayd");
  const logPath = join(folder.path, "new", "traces.jsonl");
  const loader = new MemoryLoader({ logPath, logger: platform.logger, ...createMetrics(platform.registry) });
  addStateGauges(platform.registry, loader);
  const app = buildApp(loader, platform);
  const served = await serveApp(app, async () => {
    await loader.close();
    await folder.remove();
  });
  const origin = served.url;
  if (isStarted) await loader.start();
  return {
    ...served,
    origin,
    logPath,
    loader,
    post: (route, body) => ask("POST", `${origin}/pathway/${route}`, body),
    get: (route) => ask("GET", `${origin}/pathway/${route}`),
  };
}
