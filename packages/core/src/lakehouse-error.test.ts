import { describe, expect, it } from "vitest";
import { isLakehouseError, LakehouseError } from "./lakehouse-error.ts";

describe("an error that was received", () => {
  it("keeps details of the shape that its code has, further ones too", () => {
    const details = { limit_bytes: 5, corpus: "people", newer: true };
    expect(LakehouseError.received("payload_too_large", "Too large.", { details }).details).toEqual(details);
  });

  it.each([{ limit_bytes: "5" }, [1], "five", null])(
    "goes without the details %o, which another code could have",
    (details) => {
      expect(LakehouseError.received("payload_too_large", "Too large.", { details }).details).toBeUndefined();
    },
  );

  it("keeps what it quotes out of its message", () => {
    const error = LakehouseError.received("upstream_error", "ollama answered 400. It says: hush");
    expect([error.message, error.sentence]).toEqual(["ollama answered 400.", "ollama answered 400. It says: hush"]);
  });
});

it("is told by its code, whatever else was thrown", () => {
  const error: unknown = new LakehouseError("range_not_satisfiable", "Too far.", { details: { size: 4 } });
  expect(isLakehouseError(error, "key_not_found", "range_not_satisfiable") && error.details?.size).toBe(4);
  expect(isLakehouseError(error, "key_not_found")).toBe(false);
  expect(isLakehouseError(new Error("key_not_found"), "key_not_found")).toBe(false);
});
