import { pipeline } from "node:stream/promises";
import type { LakehouseError, RequestContext } from "@lakehouse/core";
import { answerJson, eventually, freePort, startFakeUpstream, type UpstreamAnswer } from "@lakehouse/testing";
import { describe, expect, it } from "vitest";
import { ERROR_MS_MAX } from "./limits.ts";
import { ProviderHttp } from "./provider-http.ts";

const context = (signal = new AbortController().signal): RequestContext => ({ requestId: "r-1", signal });
const careful = { attemptsMax: 3, firstPauseMs: 1, pauseSecondsMax: 1, isRepeatable: false };

async function open(answer: UpstreamAnswer, { timeoutMs = 10_000, retry = careful } = {}) {
  const upstream = await startFakeUpstream(answer);
  const http = new ProviderHttp({
    provider: "acme",
    baseUrl: `${upstream.url}/base/`,
    key: "sk-hush-hush",
    timeoutMs,
    retry,
  });
  const ask = async (asked = context()) => {
    using call = http.call("/x", { input: "hello" }, asked);
    return await call.json();
  };
  const refused = (asked?: RequestContext): Promise<LakehouseError> =>
    ask(asked).then(
      () => expect.fail("it succeeded"),
      (error: unknown) => error as LakehouseError,
    );
  const close = async () => {
    await http.close();
    await upstream.close();
  };
  return { upstream, http, ask, refused, [Symbol.asyncDispose]: close };
}

/** Fails so often, then answers. */
function failing(times: number, answer: UpstreamAnswer): UpstreamAnswer {
  return (request, response) => (times-- > 0 ? answer(request, response) : answerJson(response, 200, { ok: true }));
}

describe("a call to a provider", () => {
  it("carries the key, the request id, and asks for no compression", async () => {
    await using acme = await open((_request, response) => answerJson(response, 200, { ok: true }));
    expect(await acme.ask()).toEqual({ ok: true });
    const [{ url, headers, body } = {}] = acme.upstream.requests;
    expect([url, String(body)]).toEqual(["/base/x", '{"input":"hello"}']);
    expect(headers).toMatchObject({
      authorization: "Bearer sk-hush-hush",
      "x-request-id": "r-1",
      "accept-encoding": "identity",
    });
  });

  it.each<[string, UpstreamAnswer]>([
    ["does not end", (_request, response) => void response.writeHead(429, { "retry-after": "9" }).write("slow down")],
    [
      "breaks off",
      (_request, response) => {
        response.writeHead(429, { "retry-after": "9", "content-length": "100" });
        response.write("slow down", () => response.destroy());
      },
    ],
  ])("that is refused in a body that %s is refused in time", async (_how, answer) => {
    await using acme = await open(answer);
    const started = performance.now();
    const error = await acme.refused();
    expect(performance.now() - started).toBeLessThan(5 * ERROR_MS_MAX);
    expect(error).toMatchObject({
      code: "rate_limited",
      retryAfterSeconds: 9,
      details: { provider: "acme", status: 429 },
    });
    expect(error.message).toBe("acme answered 429.");
    expect(error.sentence).toBe("acme answered 429. It says: slow down");
  });

  it("that is refused without end costs no more than a refusal needs", async () => {
    const piece = Buffer.alloc(2 ** 16, "a");
    let bytes = 0;
    await using acme = await open((_request, response) => {
      response.writeHead(429);
      return pipeline(function* () {
        for (; bytes < 2 ** 30; bytes += piece.length) yield piece;
      }, response).catch(() => {}); // the connection is closed on it
    });
    expect(await acme.refused()).toMatchObject({ code: "rate_limited" });
    expect(bytes).toBeLessThan(16 * 2 ** 20); // what sockets hold, on both sides
  });

  it("whose answer is compressed, unasked, is not guessed at", async () => {
    await using acme = await open((request, response) => {
      const status = acme.upstream.requests.length === 1 ? 200 : 429;
      response.writeHead(status, { "content-encoding": "br" }).end(`{"error":"${request.method}"}`);
    });
    expect((await acme.refused()).sentence).toBe("acme answered in a compression that was not asked for.");
    expect((await acme.refused()).sentence).toBe("acme answered 429.");
  });

  it("is made again where nobody took it on, and no sooner than told", async () => {
    const busy: UpstreamAnswer = (_request, response) => answerJson(response, 503, {}, { "retry-after": "1" });
    await using acme = await open(failing(1, busy));
    const started = performance.now();
    expect(await acme.ask()).toEqual({ ok: true });
    expect(performance.now() - started).toBeGreaterThan(990);
    expect(acme.upstream.requests).toHaveLength(2);
  });

  it.each([
    ["is made again where it may have been answered and that does no harm", true, 3],
    ["is not made again where it may have been answered", false, 1],
  ])("%s", async (_what, isRepeatable, tries) => {
    const breaking: UpstreamAnswer = (_request, response) => void response.destroy();
    await using acme = await open(failing(9, breaking), { retry: { ...careful, isRepeatable } });
    expect(await acme.refused()).toMatchObject({ code: "upstream_unavailable", details: { upstream: "acme" } });
    expect(acme.upstream.requests).toHaveLength(tries);
  });

  it("ends at its deadline, at that of the whole request, and when the client leaves", async () => {
    await using slow = await open(() => {}, { timeoutMs: 50 });
    expect(await slow.refused()).toMatchObject({
      code: "upstream_timeout",
      message: "acme has not answered within 50 ms.",
    });
    await using patient = await open(() => {});
    expect(await patient.refused(context(AbortSignal.timeout(50)))).toMatchObject({ code: "upstream_timeout" });
    const gone = new AbortController();
    const left = patient.refused(context(gone.signal));
    await eventually("it is asked", () => patient.upstream.requests.length === 2);
    gone.abort();
    expect((await left).name).toBe("AbortError");
  });

  it("can be tried without a call: whether anybody is there", async () => {
    await using acme = await open((_request, response) => answerJson(response, 404, {}));
    await acme.http.reach("/ping", context());
    expect(acme.upstream.requests[0]).toMatchObject({ method: "GET", url: "/base/ping" });
    expect(acme.upstream.requests[0]?.headers.authorization).toBeUndefined();
    const nobody = new ProviderHttp({
      provider: "acme",
      baseUrl: `http://127.0.0.1:${await freePort()}`,
      key: "",
      timeoutMs: 1_000,
      retry: careful,
    });
    await expect(nobody.reach("/ping", context())).rejects.toMatchObject({ code: "upstream_unavailable" });
    await nobody.close();
  });
});
