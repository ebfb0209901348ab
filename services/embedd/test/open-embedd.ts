import type { EmbedResult } from "@lakehouse/contracts";
import { testPlatform } from "@lakehouse/server";
import { answerOf, serveApp } from "@lakehouse/testing";
import { buildApp } from "../src/app.ts";
import { openEmbedder } from "../src/open-embedder.ts";

type EmbeddConfig = NonNullable<Parameters<typeof testPlatform>[1]>["embedd"];

/** The service on a port of its own, as `main.ts` wires it. */
export async function openEmbedd(embedd: EmbeddConfig = {}, environment: NodeJS.ProcessEnv = {}) {
  const platform = testPlatform("embedd", { embedd: { ...embedd } });
  const dependencies = await openEmbedder(platform, environment);
  const app = buildApp(dependencies, platform);
  const served = await serveApp(app, () => dependencies.provider.close());
  const { url } = served;
  const post = (body: unknown, init: RequestInit = {}) =>
    fetch(`${url}/embed`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...init,
    });
  const get = async (path: string) => (await fetch(url + path)).json() as Promise<Record<string, unknown>>;
  return { ...served, app, post, get };
}

/** The answer of a request that has to succeed. */
export async function embedded(answered: Response | Promise<Response>): Promise<EmbedResult> {
  const { status, text, body } = await answerOf(answered);
  if (status !== 200) throw new Error(`${status}: ${text}`);
  return body;
}

/** Status, code and details of a request that has to fail. */
export async function refused(answered: Response | Promise<Response>) {
  const { status, body } = await answerOf(answered);
  const { code, error, details } = body as Record<string, unknown>;
  return { status, code, error, details };
}

export function length(vector: readonly number[]): number {
  return Math.hypot(...vector);
}

/** A figure of `/metrics`, where the request that asks for it is in flight too. */
export async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`${name}\\{.*\\} (\\d+)`).exec(text)?.[1]);
}
