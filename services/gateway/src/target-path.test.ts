import fc from "fast-check";
import { expect, it } from "vitest";
import { climbOf, targetPath } from "./target-path.ts";

it.each([
  ["/v1/sql", "", "/sql"],
  ["/v1/sql?a=b/../../c", "/api", "/api/sql?a=b/../../c"],
  ["/v1/storage/get/a%2Fb%25%20c", "/api", "/api/storage/get/a%2Fb%25%20c"],
  ["/v1/storage/get/a%2F..%2F..%2F..%2Fb", "", "/storage/get/a%2F..%2F..%2F..%2Fb"],
  ["/v1/storage/get/a/../b", "/api", "/api/storage/get/a/../b"],
  ["/v1/storage/get/../put/a", "", "/storage/get/../put/a"],
  ["/v1/storage/get/a...b/.../c", "/api", "/api/storage/get/a...b/.../c"],
  ["/%76%31/sql", "/api", "/api/sql"],
])("%s under %o asks for %s", (url, basePath, wanted) => {
  expect(climbOf(url)).toBeUndefined();
  expect(targetPath(url, basePath)).toBe(wanted);
});

it.each([
  "/v1/storage/../secret",
  "/v1/sql/..",
  "/v1/sql/..?x",
  "/v1/sql/./../secret",
  "/v1/storage//../secret",
  "/v1/storage/get/../../secret",
  "/v1/storage/get/../../storage/get/a",
  "/v1/storage/%2e%2e/secret",
  "/v1/storage/.%2E/secret",
  "/v1/storage\\..\\secret",
  "/v1/storage/..\\secret",
  "/v1/storage/%2e%2E%5c/secret",
  "/v1/storage/get/..\\..%5C%2e./admin",
  "/%76%31/storage/../secret",
])("%s does not climb out of its route, whatever stands behind", (url) => {
  expect(climbOf(url)).toMatchObject({ code: "invalid_request" });
  expect(() => targetPath(url, "/base/api")).toThrow(/climbs out/);
});

it("behind a sub-path takes %2F for a slash too", () => {
  expect(() => targetPath("/v1/storage/..%2f..%2fadmin", "/api")).toThrow(/climbs out/);
  expect(targetPath("/v1/storage/..%2f..%2fadmin", "")).toBe("/storage/..%2f..%2fadmin");
});

it("lets nothing pass that a URL parser resolves to a place outside of the prefix", () => {
  const piece = fc.constantFrom("..", ".", "%2e%2e", ".%2E", "a", "", "b.c", "...");
  const slash = fc.constantFrom("/", "\\");
  const path = fc.array(fc.tuple(slash, piece), { maxLength: 8 }).map((parts) => `/v1/sql${parts.flat().join("")}`);
  fc.assert(
    fc.property(path, (url) => {
      const { pathname } = new URL(url, "http://h");
      if (!climbOf(url)) expect(`${pathname}/`.startsWith("/v1/sql/")).toBe(true);
    }),
  );
});
