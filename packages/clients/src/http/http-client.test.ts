import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { LakehouseError, type RequestContext } from "@lakehouse/core";
import { answerJson, eventually, freePort, startFakeUpstream, type UpstreamAnswer } from "@lakehouse/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { CatalogClient } from "../catalog-client.ts";
import { StorageClient } from "../storage-client.ts";
import { HttpClient, type PeerRequest } from "./http-client.ts";

const context = (signal = new AbortController().signal): RequestContext => ({ requestId: "r-1", signal });
const get = (over: Partial<PeerRequest> = {}): PeerRequest => ({
  method: "GET",
  path: "/x",
  context: context(),
  idempotent: true,
  ...over,
});

async function open(answer: UpstreamAnswer, timeoutMs = 5_000) {
  const upstream = await startFakeUpstream(answer);
  const options = { baseUrl: upstream.url, token: "hush", timeoutMs };
  const http = new HttpClient("storaged", options);
  const close = async () => {
    await http.close();
    await upstream.close();
  };
  return { upstream, options, http, [Symbol.asyncDispose]: close };
}

const caught = (promise: Promise<unknown>): Promise<LakehouseError> =>
  promise.then(
    () => expect.fail("it succeeded"),
    (error: unknown) => error as LakehouseError,
  );

describe("a call to a peer", () => {
  it("carries token, request id and traceparent, and keeps the sub-path", async () => {
    await using peer = await open((_request, response) => answerJson(response, 200, { ok: true }));
    const http = new HttpClient("storaged", { ...peer.options, baseUrl: `${peer.upstream.url}/sub` });
    await http.json(get({ context: { ...context(), traceparent: "00-1-2-01" } }), z.unknown());
    expect(peer.upstream.requests[0]).toMatchObject({
      url: "/sub/x",
      headers: { authorization: "Bearer hush", "x-request-id": "r-1", traceparent: "00-1-2-01" },
    });
    await http.close();
  });

  it("says who asked, beside a token and where it is not one that may do everything", async () => {
    await using peer = await open((_request, response) => answerJson(response, 200, {}));
    const caller = { name: "ada", scopes: ["sql" as const], datasets: ["pub_*"] };
    const primary = { ...caller, name: "primary" };
    const tokenless = new HttpClient("storaged", { ...peer.options, token: "" });
    await peer.http.json(get({ context: { ...context(), caller } }), z.unknown());
    await peer.http.json(get({ context: { ...context(), caller: primary } }), z.unknown());
    await tokenless.json(get({ context: { ...context(), caller } }), z.unknown());
    const told = peer.upstream.requests.map(({ headers }) => headers["x-lakehouse-caller"]);
    expect(told).toEqual([JSON.stringify(caller), undefined, undefined]);
    await tokenless.close();
  });

  it("throws the peer's own error again: code, sentence, details, seconds to wait", async () => {
    const body = { error: "Full.", code: "storage_full", request_id: "r", details: { a: 1 } };
    await using peer = await open((_request, response) => answerJson(response, 507, body, { "retry-after": "7" }));
    const error = await caught(peer.http.request(get()));
    expect(error).toBeInstanceOf(LakehouseError);
    expect(error).toMatchObject({ code: "storage_full", message: "Full.", details: { a: 1 }, retryAfterSeconds: 7 });
    expect(peer.upstream.requests).toHaveLength(1);
  });

  it("keeps apart what a peer says and what it quotes, which no log may have", async () => {
    const sentence = "ollama answered 400. It says: no such model";
    const body = {
      error: sentence,
      code: "upstream_error",
      request_id: "r",
      details: { upstream: "ollama", status: 400 },
    };
    await using peer = await open((_request, response) => answerJson(response, 502, body));
    const error = await caught(peer.http.request(get()));
    expect([error.message, error.sentence]).toEqual(["ollama answered 400.", sentence]);
    const { message, sentence: same, details } = error.withDetails({ position: 3 });
    expect([message, same, details]).toEqual([
      "ollama answered 400.",
      sentence,
      { upstream: "ollama", status: 400, position: 3 },
    ]);
  });

  it.each([
    ["soon", undefined],
    ["-5", undefined],
    ["2.5", 3],
    ["Fri, 31 Dec 9999 23:59:59 GMT", 31 * 86_400],
  ])("understands a Retry-After of %s, which a proxy may have set", async (given, retryAfterSeconds) => {
    const body = { error: "Too many.", code: "rate_limited", request_id: "r" };
    await using peer = await open((_request, response) => answerJson(response, 429, body, { "retry-after": given }));
    expect(await caught(peer.http.request(get()))).toMatchObject({ code: "rate_limited", retryAfterSeconds });
    expect(peer.upstream.requests).toHaveLength(1);
  });

  it.each([
    ["an error that is not ours", 500, "<html>", "bad_upstream_answer"],
    ["a refusal of our own token", 401, '{"error":"x","code":"unauthorized","request_id":"r"}', "bad_upstream_answer"],
    ["a success that is not JSON", 200, "<html>", "bad_upstream_answer"],
    ["a success of another shape", 200, '{"n":"x"}', "bad_upstream_answer"],
  ])("says so of %s", async (_what, status, text, code) => {
    await using peer = await open((_request, response) => void response.writeHead(status).end(text));
    expect((await caught(peer.http.json(get(), z.object({ n: z.number() })))).code).toBe(code);
  });

  it("names who can't be reached and who is too slow", async () => {
    const nobody = new HttpClient("catalogd", {
      baseUrl: `http://127.0.0.1:${await freePort()}`,
      token: "",
      timeoutMs: 1_000,
    });
    expect(await caught(nobody.request(get()))).toMatchObject({
      code: "upstream_unavailable",
      details: { upstream: "catalogd" },
    });
    await using peer = await open(() => new Promise(() => {}), 200);
    expect(await caught(peer.http.request(get()))).toMatchObject({ code: "upstream_timeout" });
    const deadline = context(AbortSignal.timeout(50));
    await using patient = await open(() => new Promise(() => {}));
    expect(await caught(patient.http.request(get({ context: deadline })))).toMatchObject({ code: "upstream_timeout" });
  });

  it("is tried again while the peer is busy, with the whole body each time, and not for ever", async () => {
    let busy = 2;
    await using peer = await open((_request, response) => {
      if (busy-- > 0) answerJson(response, 503, { error: "Busy.", code: "storage_busy", request_id: "r" });
      else answerJson(response, 200, { key: "k", size: 5, etag: "e" });
    });
    const storage = new StorageClient(peer.options);
    const body = { size: 5, open: () => Readable.from([Buffer.from("hello")]) };
    expect(await storage.put("a b/%", body, context())).toEqual({ key: "k", size: 5, etag: "e" });
    expect(peer.upstream.requests.map(({ url, body: sent }) => [url, String(sent)])).toEqual(
      Array.from({ length: 3 }, () => ["/storage/put/a%20b/%25", "hello"]),
    );
    busy = 100;
    expect((await caught(storage.put("k", body, context()))).code).toBe("storage_busy");
    await storage.close();
  });

  it("is tried again after a broken connection only where that is safe", async () => {
    await using peer = await open((_request, response) => void response.destroy());
    await caught(peer.http.request(get({ idempotent: false })));
    expect(peer.upstream.requests).toHaveLength(1);
    await caught(peer.http.request(get()));
    expect(peer.upstream.requests).toHaveLength(5);
  });

  it("ends when the client goes away", async () => {
    await using peer = await open(() => new Promise(() => {}));
    const gone = new AbortController();
    const call = caught(peer.http.request(get({ context: context(gone.signal) })));
    await eventually("the peer has the request", () => peer.upstream.requests.length === 1);
    gone.abort();
    expect((await call).name).toBe("AbortError");
    expect(peer.upstream.requests).toHaveLength(1);
  });
});

describe("the typed clients", () => {
  it("list page after page", async () => {
    const object = (key: string) => ({ key, size: 1, etag: "e", last_modified: "2026-01-01T00:00:00Z" });
    await using peer = await open(({ url }, response) => {
      const second = url.includes("cursor=c1");
      const objects = second ? [object("b")] : [object("a")];
      answerJson(response, 200, { prefix: "p/", objects, truncated: !second, next_cursor: second ? null : "c1" });
    });
    const storage = new StorageClient(peer.options);
    const keys = (await Array.fromAsync(storage.list("p/", context()))).map(({ key }) => key);
    expect(keys).toEqual(["a", "b"]);
    await storage.close();
  });

  it("read an object as a stream", async () => {
    await using peer = await open((_request, response) => void response.writeHead(200, { etag: '"e"' }).end("bytes"));
    const storage = new StorageClient(peer.options);
    const { etag, body } = await storage.get("k", context());
    expect([etag, String(await buffer(body))]).toEqual(['"e"', "bytes"]);
    await storage.close();
  });

  it("tell an unchanged catalog by its ETag", async () => {
    await using peer = await open(({ headers }, response) => {
      if (headers["if-none-match"] === '"v1"') response.writeHead(304).end();
      else answerJson(response, 200, { manifests: [], count: 0 }, { etag: '"v1"' });
    });
    const catalog = new CatalogClient(peer.options);
    const first = await catalog.list(context());
    expect(first).toEqual({ etag: '"v1"', manifests: [] });
    expect(await catalog.list(context(), '"v1"')).toBe("not_modified");
    await catalog.close();
  });
});
