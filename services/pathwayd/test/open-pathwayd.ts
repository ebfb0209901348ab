import { join } from "node:path";
import { testPlatform } from "@lakehouse/server";
import { temporaryFolder } from "@lakehouse/testing";
import { buildApp } from "../src/app.ts";
import { MemoryLoader } from "../src/memory-loader.ts";
import { addMemoryGauges, createMetrics } from "../src/metrics.ts";

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of any shape, and fails where one is not there.
  body: any;
  text: string;
}

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
  addMemoryGauges(platform.registry, loader);
  const app = buildApp(loader, platform);
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  if (isStarted) await loader.start();
  return {
    origin,
    logPath,
    loader,
    post: (route, body) => ask(`${origin}/pathway/${route}`, body),
    get: (route) => ask(`${origin}/pathway/${route}`),
    async [Symbol.asyncDispose]() {
      await app.close();
      await loader.close();
      await folder.remove();
    },
  };
}

export async function ask(url: string, body?: unknown): Promise<Answer> {
  const request =
    body === undefined
      ? {}
      : {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: typeof body === "string" ? body : JSON.stringify(body),
        };
  const answer = await fetch(url, request);
  const text = await answer.text();
  return { status: answer.status, body: JSON.parse(text), text };
}
