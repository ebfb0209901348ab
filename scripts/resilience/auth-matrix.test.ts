import { serviceNames } from "@lakehouse/contracts";
import { temporaryFolder } from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Door, doorsOf, knock } from "./doors.ts";
import { type Lakehouse, startLakehouse } from "./lakehouse.ts";

const PRIMARY = "the-first-token";
const SECONDARY = "the-second-token";
/** All of 127.0.0.0/8 is this machine: one address of it may call, another may not. */
const INSIDE = "127.0.0.1";
const OUTSIDE = "127.0.0.2";
/** Ten processes on a busy machine. */
const START_MS_MAX = 180_000;
const openPath = "/health";

interface Caller {
  source: string;
  authorization?: string;
}

const callers = {
  "no token": { source: INSIDE },
  "an empty one": { source: INSIDE, authorization: "Bearer " },
  "a wrong one": { source: INSIDE, authorization: "Bearer wrong" },
  "the beginning of the right one": { source: INSIDE, authorization: `Bearer ${PRIMARY.slice(0, -1)}` },
  "the right one in another scheme": { source: INSIDE, authorization: `Basic ${PRIMARY}` },
  "the primary token": { source: INSIDE, authorization: `Bearer ${PRIMARY}` },
  "the secondary token": { source: INSIDE, authorization: `Bearer ${SECONDARY}` },
  "the right token from outside": { source: OUTSIDE, authorization: `Bearer ${PRIMARY}` },
  "no token from outside": { source: OUTSIDE },
} satisfies Record<string, Caller>;

/** The status and code that the gate answers; undefined where it lets the request pass. */
function verdictOn({ source, authorization }: Caller): [number, string] | undefined {
  if (source === OUTSIDE) return [403, "forbidden_ip"];
  const passes = authorization === `Bearer ${PRIMARY}` || authorization === `Bearer ${SECONDARY}`;
  return passes ? undefined : [401, "unauthorized"];
}

const opened = new AsyncDisposableStack();
let lakehouse: Lakehouse;

beforeAll(async () => {
  const folder = opened.use(await temporaryFolder());
  const auth = { token: PRIMARY, secondary_tokens: [SECONDARY], allowed_ips: [INSIDE] };
  lakehouse = opened.use(await startLakehouse({ folder: folder.path, config: { auth } }));
}, START_MS_MAX);

afterAll(() => opened.disposeAsync());

describe.each(serviceNames)("every route of %s", (service) => {
  let doors: Door[];
  beforeAll(async () => {
    doors = await doorsOf(lakehouse, service);
  });

  it.each(Object.entries(callers))("with %s", async (_name, caller) => {
    for (const { method, path, at } of doors) {
      const answer = await call(at, method, path, caller);
      const told = `${method} ${path} at ${at}`;
      const verdict = path === openPath ? undefined : verdictOn(caller);
      if (verdict === undefined) {
        expect([401, 403], told).not.toContain(answer.status);
      } else {
        const [status, code] = verdict;
        expect(answer.status, told).toBe(status);
        if (method !== "HEAD") expect(answer.code, told).toBe(code);
        expect(answer.challenge, told).toBe(status === 401 ? "Bearer" : undefined);
      }
    }
  });
});

describe("around the routes", () => {
  const strange = [
    "/v1/no-such-route",
    "//v1/sql",
    "/v1/sql/../../health",
    "/health/",
    "/HEALTH",
    "/v1/health",
    "/health%2f..%2fmetrics",
  ];
  it.each(strange)("%s is no way past the gate", async (path) => {
    for (const { url } of Object.values(lakehouse.daemons)) {
      expect((await call(url, "GET", path, callers["no token"])).status, `${path} at ${url}`).toBe(401);
    }
  });

  it("neither a header nor an absolute URL makes an outsider an insider", async () => {
    const claims = { "x-forwarded-for": INSIDE, "x-real-ip": INSIDE, forwarded: `for=${INSIDE}`, host: INSIDE };
    const answer = await call(lakehouse.url, "GET", "/v1/status", callers["the right token from outside"], claims);
    expect(answer.status).toBe(403);
  });
});

function call(at: string, method: string, path: string, caller: Caller, headers: Record<string, string> = {}) {
  const { source, authorization } = caller;
  return knock({ at, method, path }, { ...headers, ...(authorization === undefined ? {} : { authorization }) }, source);
}
