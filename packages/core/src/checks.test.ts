import { expect, it } from "vitest";
import { z } from "zod";
import { assertName, parseRequest } from "./checks.ts";
import { schemaFingerprint } from "./schema-fingerprint.ts";

it.each(["a", "Z9", "_x", "0.parquet", "a-b_c.d", "x".repeat(128)])("%o is a name", (name) => {
  expect(() => assertName(name)).not.toThrow();
});

it.each(["", ".a", "-a", "a b", "a/b", "ä", "a\n", "x".repeat(129)])("%o is not a name", (name) => {
  expect(() => assertName(name)).toThrow(expect.objectContaining({ code: "invalid_name" }));
});

it("lists every fault of a request with its path", () => {
  const schema = z.strictObject({ a: z.object({ b: z.array(z.number()) }) });
  expect(() => parseRequest(schema, { a: { b: [1, "x"] }, c: 1 })).toThrow(
    expect.objectContaining({
      code: "invalid_request",
      details: [
        { path: "a.b.1", message: expect.any(String) },
        { path: "", message: expect.stringContaining("c") },
      ],
    }),
  );
});

it("a fingerprint is the SHA-256 of names and types with their separators", () => {
  // printf 'id\x1fBIGINT\x1ename\x1fVARCHAR\x1e' | sha256sum
  const columns = [
    { name: "id", type: "BIGINT" },
    { name: "name", type: "VARCHAR" },
  ];
  expect(schemaFingerprint(columns)).toBe("79c1a60943327d7f0cf4aaa721b13a985f4c809f0dfc44836cdb367e970875f0");
});
