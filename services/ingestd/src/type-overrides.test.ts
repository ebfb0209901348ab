import { describe, expect, it } from "vitest";
import { parseTypeOverrides } from "./type-overrides.ts";

describe("the types that a client asks for", () => {
  it.each([
    [undefined, {}],
    ["", {}],
    ["zip:VARCHAR", { zip: "VARCHAR" }],
    ["zip:varchar,paid:Double", { zip: "VARCHAR", paid: "DOUBLE" }],
    ["a,b:BIGINT,c:d:DATE,x:BIGINT:BOOLEAN", { "a,b": "BIGINT", "c:d": "DATE", "x:BIGINT": "BOOLEAN" }],
    ["naïve 🦆\n:TIMESTAMPTZ,", { "naïve 🦆\n": "TIMESTAMPTZ" }],
    ["__proto__:DATE", Object.fromEntries([["__proto__", "DATE"]])],
  ])("%j", (text, overrides) => {
    expect(parseTypeOverrides(text)).toEqual(overrides);
  });

  it.each(["zip", "zip:", ":VARCHAR", "zip:TEXT", "a:DATE,b", "a:DATE,a:DATE", ","])("not %j", (text) => {
    expect(() => parseTypeOverrides(text)).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });
});
