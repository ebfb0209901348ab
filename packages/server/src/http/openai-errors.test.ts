import { openaiErrorSchema } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { testPlatform } from "../process/platform.ts";
import { createServer } from "./create-server.ts";
import { addOpenaiErrors } from "./openai-errors.ts";

/** A service of one route, with errors of that shape, which throws; and what it logs. */
function open(error: Error, token = "") {
  const platform = testPlatform("chatd", { auth: { token } });
  const lines: string[] = [];
  const app = createServer({ ...platform, logger: pino({}, { write: (line) => void lines.push(line) }) });
  app.register((scope, _options, done) => {
    addOpenaiErrors(scope, pino({}, { write: (line) => void lines.push(line) }));
    scope.post("/completions", async () => {
      throw error;
    });
    done();
  });
  return { app, log: () => lines.join("") };
}

const ask = { method: "POST", url: "/completions", payload: {} } as const;

describe("errors in OpenAI's shape", () => {
  it.each([
    [new LakehouseError("rate_limited", "No."), 429, "rate_limit_error"],
    [new LakehouseError("provider_not_registered", "No."), 404, "invalid_request_error"],
    [new LakehouseError("upstream_timeout", "No."), 504, "server_error"],
    [new Error("oops"), 500, "server_error"],
  ])("%s", async (error, status, type) => {
    const response = await open(error).app.inject(ask);
    const { error: body, request_id, code } = openaiErrorSchema.parse(response.json());
    expect([response.statusCode, body.type, body.code, body.param]).toEqual([status, type, code, null]);
    expect(request_id).toBe(response.headers["x-request-id"]);
  });

  it("name the field at fault, keep Retry-After and our details", async () => {
    const details = [{ path: "messages.0.role", message: "expected text" }];
    const error = new LakehouseError("invalid_request", "No.", { details, retryAfterSeconds: 3 });
    const response = await open(error).app.inject(ask);
    expect(response.json()).toMatchObject({ error: { param: "messages.0.role" }, details });
    expect(response.headers["retry-after"]).toBe("3");
  });

  it("are those of a missing token and of malformed JSON too", async () => {
    const stranger = await open(new Error("never thrown"), "token").app.inject(ask);
    expect(stranger.statusCode).toBe(401);
    expect(stranger.json().error).toMatchObject({ type: "authentication_error", code: "unauthorized" });
    const headers = { "content-type": "application/json" };
    const malformed = await open(new Error("never thrown")).app.inject({ ...ask, headers, payload: "{" });
    expect(malformed.json().error).toMatchObject({ type: "invalid_request_error", code: "invalid_json" });
  });

  it("are not those of other routes", async () => {
    const response = await open(new Error("never thrown"), "token").app.inject("/ready");
    expect(response.json()).toMatchObject({ error: expect.stringMatching(/token/), code: "unauthorized" });
  });
});

it("what somebody else said is sent, and not logged", async () => {
  const error = new LakehouseError("upstream_error", "kimi answered 500.", { quote: "no 4711 here" });
  const { app, log } = open(error);
  const response = await app.inject(ask);
  expect(response.json().error.message).toBe("kimi answered 500. It says: no 4711 here");
  expect(log()).toContain("kimi answered 500.");
  expect(log()).not.toContain("4711");
});
