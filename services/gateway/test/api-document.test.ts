import { testPlatform } from "@lakehouse/server";
import { expect, it } from "vitest";
import { buildApp } from "../src/app.ts";
import { openUpstreams } from "../src/upstreams.ts";

const platform = testPlatform("gateway", { auth: { token: "secret" } });
const app = buildApp(openUpstreams(platform.config.gateway), platform);
const authorization = "Bearer secret";

it.each(["/openapi.json", "/v1/openapi.json"])("%s is the API's document, for whoever has the token", async (url) => {
  expect((await app.inject({ url })).statusCode).toBe(401);
  const answer = await app.inject({ url, headers: { authorization } });
  expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "application/json; charset=utf-8"]);
  const { openapi, info, paths, security } = answer.json();
  expect([openapi, info.version, security]).toEqual(["3.1.1", "0.1.0", [{ bearer: [] }]]);
  expect(Object.keys(paths)).toContain("/v1/sql");
  expect((await app.inject({ method: "POST", url, headers: { authorization } })).statusCode).toBe(405);
});
