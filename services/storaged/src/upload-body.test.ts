import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { uploadBody } from "./upload-body.ts";

test("passes on all that comes, up to the cap", async () => {
  const request = new PassThrough();
  request.write("abc");
  request.end("de");
  expect((await buffer(uploadBody(request, 5))).toString()).toBe("abcde");
});

test("stops past the cap, and leaves the request open for its answer", async () => {
  const request = new PassThrough();
  request.write("abcdef");
  await expect(buffer(uploadBody(request, 5))).rejects.toMatchObject({ code: "payload_too_large" });
  expect(request.destroyed).toBe(false);
});

test("a client that breaks off is told from a store that fails", async () => {
  const request = new PassThrough();
  request.write("abc");
  const body = buffer(uploadBody(request, 5));
  request.destroy(new Error("aborted"));
  await expect(body).rejects.toMatchObject({ code: "client_closed_request", cause: { message: "aborted" } });
});

test("a client that falls silent loses its slot; a slow store does not cost it", async () => {
  const request = new PassThrough();
  request.write("abc");
  const body = uploadBody(request, 100, 40);
  expect((await body.next()).value?.toString()).toBe("abc");
  await delay(120); // the store takes three times the silence that a client may keep
  request.write("def");
  expect((await body.next()).value?.toString()).toBe("def");
  await expect(body.next()).rejects.toMatchObject({
    code: "client_closed_request",
    cause: { message: expect.stringContaining("40 ms") },
  });
});
