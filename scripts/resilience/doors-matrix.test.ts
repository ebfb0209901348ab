import { serviceNames } from "@lakehouse/contracts";
import { temporaryFolder } from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Door, doorsOf, knock } from "./doors.ts";
import { type Lakehouse, startLakehouse } from "./lakehouse.ts";

/** Ten processes on a busy machine. */
const START_MS_MAX = 180_000;

/** What a browser says in requests that a page of somebody else causes, and how they are refused. */
const foreign = {
  "a name that is turned to this machine": [{ host: "evil.example" }, "forbidden_host"],
  "that name with a port, from a page under it": [
    { host: "evil.example:3110", origin: "http://evil.example:3110", "sec-fetch-site": "same-origin" },
    "forbidden_host",
  ],
  "a page of another site": [{ origin: "http://evil.example", "sec-fetch-site": "cross-site" }, "forbidden_origin"],
  "a page of another port": [{ origin: "http://localhost:1", "sec-fetch-site": "same-site" }, "forbidden_origin"],
  "an old browser's page": [{ origin: "http://evil.example" }, "forbidden_origin"],
  "a page in a sandbox": [{ origin: "null" }, "forbidden_origin"],
  "an image on another site": [{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, "forbidden_origin"],
  "an image on another port": [{ "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" }, "forbidden_origin"],
} satisfies Record<string, [Record<string, string>, string]>;

const opened = new AsyncDisposableStack();
let lakehouse: Lakehouse;

beforeAll(async () => {
  const folder = opened.use(await temporaryFolder());
  lakehouse = opened.use(await startLakehouse({ folder: folder.path }));
}, START_MS_MAX);

afterAll(() => opened.disposeAsync());

describe.each(serviceNames)("without a token every route of %s", (service) => {
  let doors: Door[];
  beforeAll(async () => {
    const own = await doorsOf(lakehouse, service);
    const [{ at } = { at: "" }] = own;
    const others = ["GET", "POST", "DELETE", "OPTIONS"].map((method) => ({ method, path: "/no-such-route", at }));
    doors = [...own, ...others];
  });

  it.each(Object.entries(foreign))("is closed to %s", async (_name, [headers, code]) => {
    for (const door of doors) {
      const answer = await knock(door, headers);
      const told = `${door.method} ${door.path} at ${door.at}`;
      if (door.path === "/health") expect(answer.status, told).toBe(200);
      else if (door.method === "HEAD") expect(answer.status, told).toBe(403);
      else expect([answer.status, answer.code], told).toEqual([403, code]);
    }
  });

  it("is open to programs, which say nothing of pages", async () => {
    for (const door of doors) expect((await knock(door, {})).status, door.path).not.toBe(403);
  });
});
