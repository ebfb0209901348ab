import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readySchema } from "@lakehouse/contracts";
import type { ObjectStore } from "@lakehouse/core";
import { testPlatform } from "@lakehouse/server";
import { eventually, freePort } from "@lakehouse/testing";
import { expect, test, vi } from "vitest";
import { Buckets } from "../src/buckets.ts";
import { openStoraged } from "./open-storaged.ts";

const SWEEP_EVERY_MS = 5;

const two = [
  { name: "primary", backend: "fs" as const },
  { name: "archive", backend: "fs" as const },
];

test("each bucket keeps its own objects; primary is meant where none is named", async () => {
  const { call, get, folder } = await openStoraged({ buckets: two });
  await call("PUT", "/storage/put/a?bucket=archive", { body: "archived" });
  expect((await get("a")).status).toBe(404);
  expect(String((await get("a?bucket=archive")).body)).toBe("archived");
  expect((await call("GET", "/storage/list")).json().objects).toEqual([]);
  expect((await call("GET", "/storage/list?bucket=archive")).json().objects).toHaveLength(1);
  expect(await readdir(join(folder, "archive"))).toEqual(["a"]);
  expect((await call("DELETE", "/storage/delete/a?bucket=primary")).status).toBe(204);
  expect((await get("a?bucket=archive")).status).toBe(200);
});

test.each(["other", "", "../primary", ".uploads"])(
  "an unknown bucket %j is bucket_not_found everywhere",
  async (bucket) => {
    const { call } = await openStoraged({ buckets: two });
    for (const [method, path] of [
      ["PUT", "put/a"],
      ["GET", "get/a"],
      ["DELETE", "delete/a"],
      ["GET", "list"],
    ] as const) {
      const refused = await call(method, `/storage/${path}?bucket=${encodeURIComponent(bucket)}`);
      expect([refused.status, refused.json().code]).toEqual([404, "bucket_not_found"]);
    }
  },
);

test("a misspelt query is refused, so that it never means the default bucket", async () => {
  const { call } = await openStoraged({ buckets: two });
  for (const query of ["buckt=archive", "bucket=archive&bucket=primary"]) {
    const refused = await call("PUT", `/storage/put/a?${query}`, { body: "x" });
    expect([refused.status, refused.json().code]).toEqual([400, "invalid_request"]);
  }
});

test("what could not be swept at the start, since a server was away, is swept without a restart", async () => {
  const sweep = vi.fn(async () => {}).mockRejectedValueOnce(new Error("The server is away."));
  const store = { sweep, close: async () => {} } as unknown as ObjectStore;
  const buckets = new Buckets(new Map([["primary", store]]), SWEEP_EVERY_MS);
  const last = Promise.withResolvers<void>();
  sweep.mockResolvedValueOnce().mockReturnValueOnce(last.promise);
  buckets.startSweeping(testPlatform("storaged").logger);
  expect(sweep).toHaveBeenCalledTimes(1);
  await eventually("it was swept twice more", () => sweep.mock.calls.length === 3);
  await buckets.close();
  last.resolve();
  await delay(10 * SWEEP_EVERY_MS);
  expect(sweep).toHaveBeenCalledTimes(3);
});

test("a bucket that is configured twice keeps storaged from starting", async () => {
  await expect(openStoraged({ buckets: [two[0]!, two[0]!] })).rejects.toThrow("storaged.buckets has primary twice");
});

test("readiness: primary is what nothing works without, another bucket is a part", async () => {
  const { call, folder } = await openStoraged({ buckets: two });
  const ready = async () => {
    const answer = await call("GET", "/ready");
    return { code: answer.status, ...readySchema.parse(answer.json()) };
  };
  expect(await ready()).toMatchObject({
    code: 200,
    status: "ok",
    checks: { "bucket primary": { status: "ok" }, "bucket archive": { status: "ok" } },
  });
  await rm(join(folder, "archive"), { recursive: true });
  expect(await ready()).toMatchObject({
    code: 200,
    status: "degraded",
    checks: { "bucket archive": { status: "degraded" } },
  });
  await rm(join(folder, "primary"), { recursive: true });
  expect(await ready()).toMatchObject({ code: 503, status: "unavailable" });
});

test("an S3 server that is not there is 503 storage_unavailable, never 500, and the other bucket serves", async () => {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const remote = {
    name: "remote",
    backend: "s3" as const,
    endpoint,
    region: "us-east-1",
    bucket: "b",
    path_style: true,
  };
  const { call } = await openStoraged({ buckets: [...two, remote] });
  for (const [method, path] of [
    ["PUT", "put/a"],
    ["GET", "get/a"],
    ["DELETE", "delete/a"],
    ["GET", "list"],
  ] as const) {
    const refused = await call(method, `/storage/${path}?bucket=remote`);
    expect([method, refused.status, refused.json().code]).toEqual([method, 503, "storage_unavailable"]);
    expect(refused.json().error).toContain("ECONNREFUSED");
  }
  expect((await call("GET", "/ready")).json()).toMatchObject({
    status: "degraded",
    checks: { "bucket remote": { status: "degraded" } },
  });
  expect((await call("PUT", "/storage/put/a", { body: "x" })).status).toBe(200);
});

test("operations and bytes are counted by bucket", async () => {
  const { put, get, call, metric } = await openStoraged({ buckets: two });
  await put("a", "hello");
  await get("a", { range: "bytes=0-1" });
  await get("b");
  await call("GET", "/storage/list?bucket=archive");
  const operations = (bucket: string, operation: string, result: string) =>
    metric(`storaged_operations_total{bucket="${bucket}",operation="${operation}",result="${result}"`);
  expect(await operations("primary", "put", "ok")).toMatch(/ 1$/);
  expect(await operations("primary", "get", "ok")).toMatch(/ 1$/);
  expect(await operations("primary", "get", "key_not_found")).toMatch(/ 1$/);
  expect(await operations("archive", "list", "ok")).toMatch(/ 1$/);
  expect(await metric('storaged_bytes_in_total{bucket="primary"')).toMatch(/ 5$/);
  expect(await metric('storaged_bytes_out_total{bucket="primary"')).toMatch(/ 2$/);
});
