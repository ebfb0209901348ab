import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { z } from "zod";
import { ProviderHttp } from "../provider/index.ts";
import { retryPauseMs } from "../provider/retry-pause.ts";
import { HttpClient } from "./http-client.ts";

/** Listens, and never accepts: once the kernel's queue is full, nobody answers a SYN any more. */
const blockedListener = `
  const { parentPort } = require("node:worker_threads");
  const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;
const QUEUE_LENGTH = 4;

it("a peer that takes no connection is unavailable, for services and providers alike", {
  timeout: 30_000,
}, async () => {
  const listener = new Worker(blockedListener, { eval: true });
  const [port] = (await once(listener, "message")) as [number];
  const queued: Socket[] = Array.from({ length: QUEUE_LENGTH }, () => connect(port, "127.0.0.1"));
  const baseUrl = `http://127.0.0.1:${port}`;
  const context = { requestId: "r", signal: new AbortController().signal };
  const peer = new HttpClient("storaged", { baseUrl, token: "", timeoutMs: 60_000 });
  const retry = { attemptsMax: 3, firstPauseMs: 1, pauseSecondsMax: 1, isRepeatable: true };
  const provider = new ProviderHttp({ provider: "ollama", baseUrl, key: "", timeoutMs: 60_000, retry });
  using call = provider.call("/api/chat", {}, context);
  const outcomes = await Promise.allSettled([
    peer.json({ method: "GET", path: "/x", context, idempotent: true }, z.unknown()),
    call.json(),
  ]);
  const unavailable = { status: "rejected", reason: { code: "upstream_unavailable", status: 502 } };
  expect(outcomes).toMatchObject([unavailable, unavailable]);
  // Another try would wait as long again.
  const [, failed] = outcomes as PromiseRejectedResult[];
  expect(retryPauseMs(failed!.reason, 1, retry)).toBeUndefined();
  for (const socket of queued) socket.destroy();
  await Promise.all([peer.close(), provider.close(), listener.terminate()]);
});
