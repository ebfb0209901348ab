import { PathwayClient } from "@lakehouse/clients";
import {
  addIdempotentResultSchema,
  pathwayStatsSchema,
  traceHistorySchema,
  traceResultSchema,
} from "@lakehouse/contracts";
import { backgroundContext } from "@lakehouse/core";
import { ask } from "@lakehouse/testing";
import { describe, expect, it } from "vitest";
import { openPathwayd } from "./open-pathwayd.ts";

describe("writing", () => {
  it("adds a trace, as the contract says", async () => {
    await using pathwayd = await openPathwayd();
    const answer = await pathwayd.post("add", { uid: "a", content: { x: [1] }, tags: ["t"], namespace: "n" });
    expect(answer.status).toBe(201);
    const { trace } = traceResultSchema.strict().parse(answer.body);
    expect(trace).toEqual({
      uid: "a",
      namespace: "n",
      content: { x: [1] },
      tags: ["t"],
      created_at: trace.created_at,
      updated_at: trace.created_at,
      predecessor_uid: null,
      replay_count: 0,
      retired: false,
      version: 1,
    });
    expect(await pathwayd.get("get/a")).toMatchObject({ status: 200, body: { trace } });
    expect(await pathwayd.post("add", { uid: "a", content: 1, namespace: "m" })).toMatchObject({
      status: 409,
      body: { code: "trace_exists" },
    });
  });

  it("counts what comes again", async () => {
    await using pathwayd = await openPathwayd();
    const added = await pathwayd.post("add_idempotent", { content: { b: 1, a: [null] } });
    expect([added.status, addIdempotentResultSchema.parse(added.body).existing]).toEqual([201, false]);
    const again = await pathwayd.post("add_idempotent", { content: { a: [null], b: 1.0 } });
    expect([again.status, again.body.existing, again.body.trace.replay_count]).toEqual([200, true, 1]);
    const { uid } = again.body.trace;
    const byUid = await pathwayd.post("add_idempotent", { uid, content: "another" });
    expect(byUid.body).toMatchObject({ existing: true, trace: { replay_count: 2, content: { a: [null], b: 1 } } });
    await pathwayd.post("retire", { uid });
    expect((await pathwayd.post("add_idempotent", { content: { a: [null], b: 1 } })).status).toBe(201);
    expect((await pathwayd.post("add_idempotent", { uid })).body.trace).toMatchObject({
      replay_count: 3,
      retired: true,
    });
    expect(await pathwayd.post("add_idempotent", { uid: "nobody" })).toMatchObject({
      status: 404,
      body: { code: "trace_not_found" },
    });
  });

  it("answers many that come at once as if they came one after the other", async () => {
    await using pathwayd = await openPathwayd();
    const same = await Promise.all(Array.from({ length: 40 }, () => pathwayd.post("add_idempotent", { content: "x" })));
    expect(same.filter(({ status }) => status === 201)).toHaveLength(1);
    const counts = same.map(({ body }) => body.trace.replay_count).sort((a, b) => a - b);
    expect(counts).toEqual(Array.from({ length: 40 }, (_, index) => index));
    const adds = await Promise.all(Array.from({ length: 20 }, () => pathwayd.post("add", { uid: "one", content: 1 })));
    expect(adds.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(adds.filter(({ status }) => status === 409)).toHaveLength(19);
    const revisions = await Promise.all(
      Array.from({ length: 20 }, () => pathwayd.post("revise", { uid: "one", content: 2 })),
    );
    expect(revisions.filter(({ status }) => status === 201)).toHaveLength(1);
    const metrics = await (await fetch(`${pathwayd.origin}/metrics`)).text();
    const counter = (name: string) => Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, "m").exec(metrics)![1]);
    expect(counter("pathwayd_log_events_total")).toBe(42);
    expect(counter("pathwayd_log_writes_total")).toBeLessThan(42);
    expect(counter("pathwayd_traces")).toBe(3);
  });

  it("updates in place, revises into a successor, retires, and tells the history", async () => {
    await using pathwayd = await openPathwayd();
    await pathwayd.post("add", { uid: "a", content: 1, tags: ["t"], namespace: "n" });
    const updated = await pathwayd.post("update", { uid: "a", content: 2 });
    expect(updated).toMatchObject({ status: 200, body: { trace: { version: 2, content: 2, tags: ["t"] } } });
    const revised = await pathwayd.post("revise", { uid: "a", content: 3 });
    expect(revised).toMatchObject({
      status: 201,
      body: { trace: { version: 1, content: 3, tags: ["t"], namespace: "n", predecessor_uid: "a" } },
    });
    const { uid } = revised.body.trace;
    expect(await pathwayd.post("revise", { uid: "a", content: 4 })).toMatchObject({
      status: 409,
      body: { code: "trace_superseded", details: { successor_uid: uid } },
    });
    const retired = await pathwayd.post("retire", { uid });
    expect(retired).toMatchObject({ status: 200, body: { trace: { retired: true } } });
    expect((await pathwayd.post("retire", { uid })).body).toEqual(retired.body);
    const { traces } = traceHistorySchema.parse((await pathwayd.get(`history/${uid}`)).body);
    expect(traces.map((trace) => [trace.uid, trace.retired])).toEqual([
      [uid, true],
      ["a", true],
    ]);
    const stats = pathwayStatsSchema.parse((await pathwayd.get("stats")).body);
    expect(stats).toMatchObject({ traces: 2, retired: 2, superseded: 1, versions: 3, replays: 0, namespaces: 1 });
  });

  it.each(["update", "revise", "retire"])("says of an unknown uid that it is not there: %s", async (route) => {
    await using pathwayd = await openPathwayd();
    const content = route === "retire" ? {} : { content: 1 };
    expect(await pathwayd.post(route, { uid: "a", ...content })).toMatchObject({
      status: 404,
      body: { code: "trace_not_found" },
    });
    expect((await pathwayd.get("history/a")).status).toBe(404);
  });
});

describe("content", () => {
  it.each([
    ["null", "null"],
    ["a number that no double holds", "12345678901234567890"],
    ["a number beyond any double", "[-1e400,123456789.123456789012]"],
    ["keys that mean something to JavaScript", '{"__proto__":{"a":1},"constructor":null,"toString":"x","":0}'],
    ["escapes and other scripts", '"\\u0000\\ud83d\\ude00 日本語 \\"\\\\\\n"'],
    ["half a surrogate pair", '"\\ud800"'],
  ])("comes back as it was given: %s", async (_what, json) => {
    await using pathwayd = await openPathwayd();
    const { status, text } = await pathwayd.post("add", `{"uid":"a","content":${json}}`);
    expect(status).toBe(201);
    const kept = json.replace("\\ud83d\\ude00", "😀");
    expect(text).toContain(`"content":${kept},`);
    expect((await pathwayd.get("get/a")).text).toBe(text);
    expect((await pathwayd.post("add_idempotent", `{"content":${json}}`)).body.existing).toBe(true);
  });

  it("is equal only where it is the same JSON", async () => {
    await using pathwayd = await openPathwayd();
    const texts = ["1", '"1"', "[1]", '{"a":1}', '{"a":"1"}', '{"__proto__":1}', "{}", "12345678901234567890"];
    for (const text of [...texts, "12345678901234567891", "true", "null", '""'])
      expect((await pathwayd.post("add_idempotent", `{"content":${text}}`)).body.existing).toBe(false);
  });
});

describe("what is refused", () => {
  it.each([
    ["add", {}, "content"],
    ["add", { content: 1, uid: "" }, "uid"],
    ["add", { content: 1, uid: "x".repeat(257) }, "uid"],
    ["add", { content: 1, uid: "a\u0000b" }, "uid"],
    ["add", '{"content":1,"uid":"\\ud800"}', "uid"],
    ["add", { content: 1, namespace: 1 }, "namespace"],
    ["add", { content: 1, tags: "t" }, "tags"],
    ["add", { content: 1, tags: Array(65).fill("t") }, "tags"],
    ["add", { content: 1, tagz: [] }, ""],
    ["add", [], ""],
    ["add", `{"content":${"[".repeat(200)}${"]".repeat(200)}}`, "content"],
    ["add_idempotent", {}, ""],
    ["update", { uid: "a" }, "content"],
    ["revise", { content: 1 }, "uid"],
    ["retire", {}, "uid"],
    ["search", { limit: 0 }, "limit"],
    ["search", { limit: 1001 }, "limit"],
    ["search", { since: "2026-02-30T00:00:00Z" }, "since"],
    ["search", { as_of: 1 }, "as_of"],
    ["search", { query: "x".repeat(5_000) }, "query"],
  ])("%s %j", async (route, body, path) => {
    await using pathwayd = await openPathwayd();
    const answer = await pathwayd.post(route, body);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    expect(answer.body.details[0].path).toBe(path);
  });

  it.each([
    ["cut short", '{"content":'],
    ["nested deeper than a parser can go", `{"content":1e99,"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ["empty", ""],
  ])("a body that is %s", async (_what, body) => {
    await using pathwayd = await openPathwayd();
    expect((await pathwayd.post("add", body)).status).toBe(400);
  });

  it("a body that is too large, before and while it comes", async () => {
    await using pathwayd = await openPathwayd();
    expect(await pathwayd.post("add", { content: "x".repeat(2 ** 20) })).toMatchObject({
      status: 413,
      body: { code: "payload_too_large" },
    });
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode(`"${"x".repeat(2 ** 18)}`)),
    });
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
    const answer = await fetch(`${pathwayd.origin}/pathway/add`, init).catch(() => undefined); // it may see the reset first
    if (answer) expect(answer.status).toBe(413);
    expect((await pathwayd.post("add", { content: 1 })).status).toBe(201);
  });

  it("takes any uid that fits, in a path too", async () => {
    await using pathwayd = await openPathwayd();
    for (const uid of ["a/b", "..", "100%", "é 日本", "__proto__", "?x=1#y", '"', "x".repeat(256)]) {
      expect((await pathwayd.post("add", { uid, content: uid })).status).toBe(201);
      const path = uid === ".." ? "%252e%252e" : encodeURIComponent(uid);
      if (uid !== "..") expect((await pathwayd.get(`get/${path}`)).body.trace.content).toBe(uid);
    }
    for (const path of ["get/%zz", "get/%ff", `get/${"y".repeat(5_000)}`]) {
      expect((await pathwayd.get(path)).status).toBe(404);
    }
  });
});

describe("readiness", () => {
  it("is not there before the log is read, nor are the routes", async () => {
    await using pathwayd = await openPathwayd({ isStarted: false });
    expect(await ask("GET", `${pathwayd.origin}/ready`)).toMatchObject({
      status: 503,
      body: { status: "unavailable" },
    });
    expect(await pathwayd.get("stats")).toMatchObject({ status: 503, body: { code: "not_loaded" } });
    const waiting = pathwayd.post("add", { content: 1 });
    await pathwayd.loader.start();
    expect((await waiting).status).toBe(201);
    expect(await ask("GET", `${pathwayd.origin}/ready`)).toMatchObject({ status: 200, body: { status: "ok" } });
  });
});

it("the typed client speaks to it", async () => {
  await using pathwayd = await openPathwayd();
  const client = new PathwayClient({ baseUrl: pathwayd.origin, token: "", timeoutMs: 5_000 });
  const context = backgroundContext(20_000);
  const added = await client.add({ uid: "a/b", content: "a pump" }, context);
  expect(await client.get("a/b", context)).toEqual(added);
  expect(await client.addIdempotent({ content: "a pump" }, context)).toMatchObject({ existing: true });
  expect((await client.update({ uid: "a/b", content: "two pumps" }, context)).version).toBe(2);
  const revised = await client.revise({ uid: "a/b", content: "three pumps" }, context);
  expect((await client.history(revised.uid, context)).map(({ uid }) => uid)).toEqual([revised.uid, "a/b"]);
  expect((await client.search({ query: "pumps" }, context)).map(({ trace }) => trace.uid)).toEqual([revised.uid]);
  await client.retire(revised.uid, context);
  expect((await client.stats(context)).retired).toBe(2);
  await expect(client.get("nobody", context)).rejects.toMatchObject({ code: "trace_not_found" });
  await client.ping(context);
  await client.close();
});
