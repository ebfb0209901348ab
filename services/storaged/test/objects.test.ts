import { errorBodySchema, objectInfoSchema, putResultSchema } from "@lakehouse/contracts";
import { bytesOf, MiB, objectKeys } from "@lakehouse/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openStoraged } from "./open-storaged.ts";

describe("an object", () => {
  test("comes back as it was put, with what HTTP says of it", async () => {
    const { put, get } = await openStoraged();
    const bytes = bytesOf(3 * MiB);
    const stored = await put("data/a.csv", bytes);
    expect(stored.status).toBe(200);
    expect(putResultSchema.strict().parse(stored.json())).toEqual({
      key: "data/a.csv",
      size: bytes.length,
      etag: stored.headers.etag,
    });
    expect(stored.headers.etag).toMatch(/^"[^"]+"$/);

    const got = await get("data/a.csv");
    expect(got.status).toBe(200);
    expect(got.body.equals(bytes)).toBe(true);
    expect(got.headers).toMatchObject({
      "content-length": String(bytes.length),
      "content-type": "application/octet-stream",
      "accept-ranges": "bytes",
      etag: stored.headers.etag,
    });
    expect(Math.abs(Date.parse(got.headers["last-modified"]!) - Date.now())).toBeLessThan(10_000);
  });

  test("has the same heads for HEAD as for GET, and no body", async () => {
    const { put, get, call } = await openStoraged();
    await put("a", bytesOf(1_234));
    const head = await call("HEAD", "/storage/get/a");
    const { headers } = await get("a");
    for (const name of ["content-length", "etag", "last-modified", "accept-ranges", "content-type"]) {
      expect(head.headers[name]).toBe(headers[name]);
    }
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });

  test("may be empty", async () => {
    const { call, get } = await openStoraged();
    expect((await call("PUT", "/storage/put/empty")).json()).toMatchObject({ size: 0 });
    const got = await get("empty");
    expect([got.status, got.headers["content-length"], got.body.length]).toEqual([200, "0", 0]);
  });

  test("is found under its own key alone", async () => {
    const { put, get, call } = await openStoraged();
    await put("folder/a");
    for (const key of ["folder", "folder/a/b", "folder/A", "other"]) {
      const missing = await get(key);
      expect(missing.status).toBe(404);
      expect(errorBodySchema.strict().parse(missing.json()).code).toBe("key_not_found");
      expect((await call("HEAD", `/storage/get/${key}`)).status).toBe(404);
    }
  });

  test("is deleted, once and again", async () => {
    const { put, get, call } = await openStoraged();
    await put("a");
    for (let round = 0; round < 2; round++) {
      const deleted = await call("DELETE", "/storage/delete/a");
      expect([deleted.status, deleted.body.length]).toEqual([204, 0]);
    }
    expect((await get("a")).status).toBe(404);
  });

  test.each([
    "text/csv",
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "garbage",
    "",
  ])("is bytes, whatever its Content-Type: %j", async (type) => {
    const { call, get } = await openStoraged();
    const body = "{not json, not a form";
    expect((await call("PUT", "/storage/put/a", { body, headers: { "content-type": type } })).status).toBe(200);
    expect(String((await get("a")).body)).toBe(body);
  });

  test("is not made from a part of one", async () => {
    const { call, get } = await openStoraged();
    const part = await call("PUT", "/storage/put/a", { body: "x", headers: { "content-range": "bytes 0-0/2" } });
    expect([part.status, part.json().code]).toEqual([400, "invalid_request"]);
    expect((await get("a")).status).toBe(404);
  });

  test("in the way of another is a conflict", async () => {
    const { put } = await openStoraged();
    await put("a/b");
    for (const key of ["a", "a/b/c"]) {
      const refused = await put(key, bytesOf(MiB));
      expect([refused.status, refused.json().code]).toEqual([409, "key_conflict"]);
    }
  });
});

describe("keys over HTTP", () => {
  test("any key round-trips, with its slashes bare or escaped", async () => {
    const { call, put, get } = await openStoraged();
    await fc.assert(
      fc.asyncProperty(objectKeys, fc.boolean(), async (key, hasBareSlashes) => {
        const escaped = hasBareSlashes ? encodeURIComponent(key).replaceAll("%2F", "/") : encodeURIComponent(key);
        const stored = await put(escaped, key);
        expect(stored.json()).toMatchObject({ key, size: Buffer.byteLength(key) });
        expect(String((await get(escaped)).body)).toBe(key);
        const listed = await call("GET", `/storage/list?prefix=${encodeURIComponent(key)}`);
        expect(listed.json().objects.map(objectInfoSchema.strict().parse)).toMatchObject([
          { key, etag: stored.headers.etag },
        ]);
        expect((await call("DELETE", `/storage/delete/${escaped}`)).status).toBe(204);
      }),
    );
  });

  test("percent-encoding is decoded exactly once", async () => {
    const { put, get, call } = await openStoraged();
    await put("a%2Fb", "slash");
    await put("a%252Fb", "escape");
    expect(String((await get("a/b")).body)).toBe("slash");
    expect(String((await get("a%252Fb")).body)).toBe("escape");
    const listed = await call("GET", "/storage/list");
    expect(listed.json().objects.map(({ key }: { key: string }) => key)).toEqual(["a%2Fb", "a/b"]);
  });

  test.each([
    ["", "empty"],
    ["/a", "leading slash"],
    ["%2Fa", "leading slash, escaped"],
    ["a//b", "empty segment"],
    ["a/", "empty last segment"],
    ["../outside", "dots"],
    ["a/../../outside", "dots inside"],
    ["%2e%2e/outside", "dots, escaped"],
    ["%2e%2e%2foutside", "dots and slash, escaped"],
    ["a/./b", "a dot"],
    ["a%00b", "NUL"],
    ["a%0Ab", "line feed"],
    ["a%7Fb", "DEL"],
    ["a%C2%9Fb", "C1"],
    ["%", "cut escape"],
    ["a%zz", "no escape"],
    ["%FF", "not UTF-8"],
    ["%ED%A0%80", "a lone surrogate"],
    ["x".repeat(256), "a segment of 256 bytes"],
    [`${"x/".repeat(512)}y`, "1025 bytes"],
  ])("%j is invalid_key for every method (%s)", async (key) => {
    const { call } = await openStoraged();
    for (const [method, verb] of [
      ["PUT", "put"],
      ["GET", "get"],
      ["DELETE", "delete"],
    ] as const) {
      const refused = await call(method, `/storage/${verb}/${key}`);
      expect([method, refused.status, refused.json().code]).toEqual([method, 400, "invalid_key"]);
      expect(refused.json().request_id).toBe(refused.headers["x-request-id"]);
    }
    expect((await call("HEAD", `/storage/get/${key}`)).status).toBe(400);
  });

  test("a path that is no route is told from a key that is none", async () => {
    const { call } = await openStoraged();
    expect((await call("GET", "/storage/get")).json().code).toBe("route_not_found");
    const wrongMethod = await call("POST", "/storage/put/a", { body: "x" });
    expect([wrongMethod.status, wrongMethod.json().code, wrongMethod.headers.allow]).toEqual([
      405,
      "method_not_allowed",
      "PUT",
    ]);
  });
});

describe("ranges over HTTP", () => {
  const content = bytesOf(200, 3);

  test("a part comes as 206 and says where it lies", async () => {
    const { put, get } = await openStoraged();
    await put("a", content);
    const headers = fc.oneof(
      fc.tuple(fc.nat(230), fc.nat(230)).map(([first, more]) => `bytes=${first}-${first + more}`),
      fc.nat(230).map((first) => `bytes=${first}-`),
      fc.nat(230).map((last) => `bytes=-${last}`),
    );
    await fc.assert(
      fc.asyncProperty(headers, async (range) => {
        const wanted = sliceOf(content, range);
        const part = await get("a", { range });
        if (wanted.length === 0) {
          expect([part.status, part.json().code, part.headers["content-range"]]).toEqual([
            416,
            "range_not_satisfiable",
            "bytes */200",
          ]);
          expect(part.json().details).toEqual({ size: 200 });
          return;
        }
        const first = wanted.byteOffset - content.byteOffset;
        expect(part.status).toBe(206);
        expect(part.headers["content-range"]).toBe(`bytes ${first}-${first + wanted.length - 1}/200`);
        expect(part.headers["content-length"]).toBe(String(wanted.length));
        expect(part.body.equals(wanted)).toBe(true);
      }),
    );
  });

  test.each(["bytes=0-1,4-5", "bytes=9-2", "lines=0-1", "bytes=", "bytes=x-", "0-1"])(
    "%j means the whole",
    async (range) => {
      const { put, get } = await openStoraged();
      await put("a", content);
      const whole = await get("a", { range });
      expect([whole.status, whole.body.length]).toEqual([200, 200]);
    },
  );

  test("If-Range: the part of this version, or the whole of another", async () => {
    const { put, get } = await openStoraged();
    const etag = (await put("a", content)).headers.etag!;
    const range = "bytes=0-9";
    expect((await get("a", { range, "if-range": etag })).status).toBe(206);
    for (const other of ['"other"', `W/${etag}`, new Date().toUTCString()]) {
      const whole = await get("a", { range, "if-range": other });
      expect([whole.status, whole.body.length]).toEqual([200, 200]);
    }
    expect((await get("a", { range: "bytes=500-", "if-range": '"other"' })).status).toBe(200);
  });
});

describe("conditions over HTTP", () => {
  test("what the client holds is 304, without a body", async () => {
    const { put, get, call } = await openStoraged();
    const etag = (await put("a", "hello")).headers.etag!;
    for (const held of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const answer = await get("a", { "if-none-match": held });
      expect([answer.status, answer.body.length, answer.headers.etag]).toEqual([304, 0, etag]);
      expect(answer.headers["content-length"]).toBeUndefined();
    }
    expect((await get("a", { "if-none-match": '"x"' })).status).toBe(200);
    expect((await call("HEAD", "/storage/get/a", { headers: { "if-none-match": etag } })).status).toBe(304);
    expect((await get("a", { "if-none-match": etag, range: "bytes=0-1" })).status).toBe(304);
    await put("a", "world");
    expect(String((await get("a", { "if-none-match": etag })).body)).toBe("world");
    expect((await get("b", { "if-none-match": "*" })).status).toBe(404);
  });
});

/** The oracle: Buffer's own slicing. */
function sliceOf(bytes: Buffer, header: string): Buffer {
  const [first = "", last = ""] = header.slice("bytes=".length).split("-");
  if (first === "") return last === "0" ? Buffer.alloc(0) : bytes.subarray(-Number(last));
  return bytes.subarray(Number(first), last === "" ? undefined : Number(last) + 1);
}
