import { LakehouseError } from "@lakehouse/core";
import { expect, it } from "vitest";
import { loggedError } from "./logged-error.ts";

it("an error is logged with its causes and its code, without what a library put on it", () => {
  const parser = Object.assign(new Error("not HTTP"), { code: "HPE_INVALID_CONSTANT", data: "Bearer sk-hush" });
  const logged = loggedError(new Error("outer", { cause: parser }));
  expect(logged).toMatchObject({
    type: "Error",
    message: "outer: not HTTP",
    stack: expect.stringContaining("caused by"),
  });
  expect(loggedError(parser)).toMatchObject({ type: "Error", message: "not HTTP", code: "HPE_INVALID_CONSTANT" });
  expect(JSON.stringify([logged, loggedError(parser)])).not.toContain("hush");
});

it("an error of ours keeps its details, and its quote to itself", () => {
  const quote = "Incorrect key: sk-hush";
  const error = new LakehouseError("upstream_error", "openai answered 400.", {
    details: { upstream: "openai", status: 400 },
    quote,
  });
  const logged = loggedError(error);
  expect(logged).toMatchObject({ code: "upstream_error", details: { status: 400 }, message: "openai answered 400." });
  expect(JSON.stringify(logged)).not.toContain("hush");
});
