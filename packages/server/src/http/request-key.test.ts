import { objectKeys } from "@lakehouse/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { requestKey } from "./request-key.ts";

test.each([
  ["/storage/get/a", "a"],
  ["/storage/get/a/b.csv?bucket=x/y", "a/b.csv"],
  ["/storage/get/a%2Fb", "a/b"],
  ["/storage/get/a%252Fb", "a%2Fb"],
  ["/storage/get/a+b%20c", "a+b c"],
  ["/storage/get/a%3Fb%23c", "a?b#c"],
  ["/storage/get/%C3%A9", "é"],
  ["/storage/get/\u00c3\u00a9", "é"],
  ["/storage/get/%EF%BB%BFx", "\ufeffx"],
  ["/storage/get/\u00ef\u00bb\u00bfx", "\ufeffx"],
  ["/stor%61ge/get/storage/get/x", "storage/get/x"],
  ["http://127.0.0.1:3211/storage/put/a//".replace(/\/+$/, "/b"), "a/b"],
])("%s is about %s", (url, key) => expect(requestKey(url)).toBe(key));

test.each([
  "/storage/get/",
  "/storage/get//a",
  "/storage/get/a//b",
  "/storage/get/a/",
  "/storage/get/%2Fa",
  "/storage/get/a%2F%2Fb",
  "/storage/get/../x",
  "/storage/get/a/%2e%2e/x",
  "/storage/get/%2e",
  "/storage/get/a%2F..%2Fb",
  "/storage/get/a%00b",
  "/storage/get/a%0Ab",
  "/storage/get/a%7F",
  "/storage/get/%C2%85",
  "/storage/get/%",
  "/storage/get/%zz",
  "/storage/get/%C3",
  "/storage/get/%ED%A0%80",
  "/storage/get/\u00e9",
  `/storage/get/${"a/".repeat(512)}b`,
])("%s names no key", (url) => expect(() => requestKey(url)).toThrow(expect.objectContaining({ code: "invalid_key" })));

test("any key survives the URL that encodeURIComponent makes of it, with its slashes bare or escaped", () => {
  fc.assert(
    fc.property(objectKeys, (key) => {
      const escaped = encodeURIComponent(key);
      expect(requestKey(`/storage/get/${escaped}`)).toBe(key);
      expect(requestKey(`/storage/get/${escaped.replaceAll("%2F", "/")}?bucket=b`)).toBe(key);
    }),
  );
});
