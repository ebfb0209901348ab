import { expect, it } from "vitest";
import { targetPath } from "./target-path.ts";

it.each([
  ["/v1/sql", "", "/sql"],
  ["/v1/sql?a=b/../c", "/api", "/api/sql?a=b/../c"],
  ["/v1/storage/get/a%2Fb%25%20c", "/api", "/api/storage/get/a%2Fb%25%20c"],
  ["/v1/storage/get/../../etc", "", "/storage/get/../../etc"],
  ["/v1/storage/get/a/../b", "/api", "/api/storage/get/a/../b"],
  ["/v1/storage/get/a...b/.../c", "/api", "/api/storage/get/a...b/.../c"],
])("%s under %o asks for %s", (url, basePath, wanted) => {
  expect(targetPath(url, basePath)).toBe(wanted);
});

it.each([
  "/v1/storage/get/../../../admin",
  "/v1/storage/%2e%2e/%2E%2E/admin",
  "/v1/storage/..%2f..%2fadmin",
  "/v1/storage/..\\..\\admin",
  "/v1/storage/..%5c.%2e/admin",
])("%s does not climb out of a sub-path", (url) => {
  expect(() => targetPath(url, "/api")).toThrow(/climbs out/);
});
