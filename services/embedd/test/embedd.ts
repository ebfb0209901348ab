import type { EmbedResult } from "@lakehouse/contracts";
import { testPlatform } from "@lakehouse/server";
import { buildApp } from "../src/app.ts";
import { openEmbedder } from "../src/open-embedder.ts";

type EmbeddConfig = NonNullable<Parameters<typeof testPlatform>[1]>["embedd"];

/** The service on a port of its own, as `main.ts` wires it. */
export async function openEmbedd(embedd: EmbeddConfig = {}, environment: NodeJS.ProcessEnv = {}) {
  const platform = testPlatform("embedd", { embedd: { ...embedd } });
  const dependencies = await openEmbedder(platform, environment);
  const app = buildApp(dependencies, platform);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const close = async () => {
    app.server.closeAllConnections();
    await app.close();
    await dependencies.provider.close();
  };
  const post = (body: unknown, init: RequestInit = {}) =>
    fetch(`${url}/embed`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...init,
    });
  const get = async (path: string) => (await fetch(url + path)).json() as Promise<Record<string, unknown>>;
  return { url, app, post, get, [Symbol.asyncDispose]: close };
}

/** The answer of a request that has to succeed. */
export async function embedded(answer: Response | Promise<Response>): Promise<EmbedResult> {
  const response = await answer;
  const body = (await response.json()) as EmbedResult;
  if (response.status !== 200) throw new Error(`${response.status}: ${JSON.stringify(body)}`);
  return body;
}

/** Status, code and details of a request that has to fail. */
export async function refused(answer: Response | Promise<Response>) {
  const response = await answer;
  const { code, error, details } = (await response.json()) as Record<string, unknown>;
  return { status: response.status, code, error, details };
}

export function length(vector: readonly number[]): number {
  return Math.hypot(...vector);
}

/** A figure of `/metrics`, where the request that asks for it is in flight too. */
export async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`${name}\\{.*\\} (\\d+)`).exec(text)?.[1]);
}
