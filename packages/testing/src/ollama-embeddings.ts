import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { answerJson, startFakeUpstream, type UpstreamRequest } from "./fake-upstream.ts";

export interface OllamaManners {
  /** Before 0.3 there was no /api/embed. */
  isOld?: boolean;
  /** Requests that are shed first, as with a full queue. */
  busyTimes?: number;
  /** Every answer waits for it. */
  until?: () => Promise<unknown>;
}

const DIMENSION = 8;
export const MODEL = "nomic-embed-text";

/** An HTTP server that answers as Ollama does, in its own ways: read off its source and its issues. */
export async function startFakeOllama({ isOld = false, busyTimes = 0, until }: OllamaManners = {}) {
  let shed = 0;
  const upstream = await startFakeUpstream(async (request, response) => {
    if (request.method === "GET") return answerJson(response, 200, { version: "0.12.0" });
    await until?.();
    if (shed++ < busyTimes) {
      return answerJson(response, 503, { error: "server busy, please try again.  maximum pending requests exceeded" });
    }
    if (request.url === "/api/embed" && !isOld) return answerBatch(request, response);
    if (request.url === "/api/embeddings") return answerSingle(request, response);
    return void response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found");
  });
  /** The texts of every call so far. */
  const asked = (): string[][] =>
    upstream.requests
      .filter(({ method }) => method === "POST")
      .map(({ body }) => JSON.parse(String(body)))
      .map(({ input, prompt }) => input ?? [prompt]);
  return { ...upstream, asked };
}

/** One bad text fails the batch; vectors have length 1. */
function answerBatch({ body }: UpstreamRequest, response: ServerResponse): void {
  const { model, input } = JSON.parse(String(body)) as { model: string; input: string[] };
  const has = (part: string) => input.some((text) => text.includes(part));
  if (isMissing(model, response)) return;
  if (has("too long")) answerJson(response, 400, { error: "the input length exceeds the context length" });
  else if (has("NaN")) answerJson(response, 500, { error: "failed to encode response: json: unsupported value: NaN" });
  else
    answerJson(response, 200, {
      model,
      embeddings: input.map((text) => unit(rawVector(text))),
      load_duration: 1_019_500,
    });
}

/** One text, and its vector as the model made it. */
function answerSingle({ body }: UpstreamRequest, response: ServerResponse): void {
  const { model, prompt } = JSON.parse(String(body)) as { model: string; prompt: string };
  if (!isMissing(model, response)) answerJson(response, 200, { embedding: rawVector(prompt) });
}

function isMissing(model: string, response: ServerResponse): boolean {
  if (model === MODEL) return false;
  answerJson(response, 404, { error: `model "${model}" not found, try pulling it first` });
  return true;
}

export function rawVector(text: string): number[] {
  return [...createHash("sha256").update(text).digest().subarray(0, DIMENSION)].map((byte) => (byte - 127.5) / 9);
}

export function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((number) => number / length);
}
