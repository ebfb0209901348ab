import { type ErrorCode, errorTable } from "@lakehouse/contracts";
import { type ApiRoute, apiRoutes, errorsOf, openApiDocument } from "@lakehouse/contracts/api";
import { type Stack, startStack } from "@lakehouse/testing";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestFor } from "./request-for.ts";

/** Their corpora are not there; that they say so is what is documented. */
const refused = new Set(["searchMatrix", "downgradeMatrix"]);

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack[Symbol.asyncDispose]());

/** Routes that make come before those that read; those that remove come last. */
const inOrder = [...apiRoutes].sort((a, b) => turn(a) - turn(b));

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ ...openApiDocument("0.0.0"), $id: "lakehouse" });

describe("a running Lakehouse takes every example, and answers as the document says", () => {
  it.each(inOrder.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", async (_name, route) => {
    const { path, ...request } = requestFor(route, stack.token);
    const response = await fetch(stack.url + path, request);
    const body = await response.text();
    expect(response.ok, body).toBe(!refused.has(route.id));
    if (response.ok) checkAnswer(route, response, body);
    else checkRefusal(route, response, body);
  });
});

function checkRefusal(route: ApiRoute, { status }: Response, body: string): void {
  const { code } = JSON.parse(body) as { code: ErrorCode };
  expect(errorsOf(route)).toContain(code);
  expect(errorTable[code].status).toBe(status);
}

function checkAnswer({ method, path, answers }: ApiRoute, { status, headers }: Response, body: string): void {
  const answer = answers[status];
  expect(answer, `status ${status}`).toBeDefined();
  for (const name of Object.keys(answer!.headers ?? {})) expect(headers.has(name), name).toBe(true);
  if (method === "HEAD") return;
  const [mediaType = ""] = (headers.get("content-type") ?? "").split(";");
  expect(Object.keys(answer!.content ?? { "": "no body" })).toContain(mediaType);
  if (mediaType !== "application/json") return;
  const place = ["paths", path, method.toLowerCase(), "responses", String(status), "content", mediaType, "schema"];
  const $ref = `lakehouse#/${place.map(escaped).join("/")}`;
  expect(ajv.validate({ $ref }, JSON.parse(body)), ajv.errorsText()).toBe(true);
}

function turn({ method, path }: ApiRoute): number {
  if (method === "DELETE") return 3;
  if (path.endsWith("/delete")) return 2;
  return path === "/v1/ingest" ? 0 : 1;
}

/** As a JSON pointer in a URI has it. */
function escaped(key: string): string {
  return encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"));
}
