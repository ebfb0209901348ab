import { join } from "node:path";
import { type TemporaryFolder, temporaryFolder } from "@lakehouse/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Engine } from "../engine/engine.ts";
import { openSession, type QuerySession } from "./query-session.ts";
import { QuerySlots } from "./query-slots.ts";

const slots = new QuerySlots(1);

let folder: TemporaryFolder;
let engine: Engine;

beforeAll(async () => {
  folder = await temporaryFolder();
  const spillFolder = join(folder.path, "spill");
  engine = await Engine.open({ memoryLimitBytes: 2 ** 26, threads: 2, spillFolder, allowedFolders: [] });
});

afterAll(async () => {
  await engine.close();
  await folder.remove();
});

const open = () => openSession(engine, slots, new AbortController().signal);

test("what a query streams is made a little ahead of it", async () => {
  await using session = await open();
  await session.begin();
  const reader = await session.connection.runAndReadAll("SELECT current_setting('streaming_buffer_size')");
  expect(reader.getRows()).toEqual([["125.0 KiB"]]);
});

const beginnings: [string, (session: QuerySession) => Promise<unknown>][] = [
  ["begun", (session) => session.begin()],
  ["begun and run at once", (session) => session.beginAndRun("SELECT 1")],
];

test.each(beginnings)("%s, a query can't write", async (_name, begin) => {
  await using session = await open();
  await begin(session);
  await expect(session.connection.run("CREATE VIEW v AS SELECT 1")).rejects.toThrow("read-only");
});
