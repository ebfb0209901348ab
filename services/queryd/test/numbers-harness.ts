import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { QueryRequest, ResultFormat } from "@lakehouse/contracts";
import type { LakehouseError } from "@lakehouse/core";
import { eventually, testContext } from "@lakehouse/testing";
import { afterEach, beforeEach, expect } from "vitest";
import { type Harness, type HarnessOptions, openHarness } from "./query-harness.ts";

/** Runs for minutes unless it is stopped. */
export const ENDLESS = "SELECT count(*) FROM range(10_000_000) a, range(10_000_000) b WHERE a.range + b.range = 3";

/** Opened anew for each test of the file that calls `openForEachTest`. */
export let harness: Harness;

/** With a dataset `numbers` of 100,000 rows. */
export function openForEachTest(): void {
  beforeEach(async () => {
    harness = await openHarness();
    await harness.addDataset("numbers", "SELECT range AS i, 'text ' || range AS t FROM range(100_000)");
  });
  afterEach(() => harness[Symbol.asyncDispose]());
}

export async function reopen(options: HarnessOptions): Promise<void> {
  await harness[Symbol.asyncDispose]();
  harness = await openHarness(options);
}

export const run = (request: QueryRequest | string, format: ResultFormat = "json", signal?: AbortSignal) =>
  harness.runner.run(typeof request === "string" ? { sql: request } : request, format, testContext(signal));

export async function answer(request: QueryRequest | string, format: ResultFormat = "json"): Promise<Buffer> {
  const body = await run(request, format);
  return body instanceof Readable ? buffer(body) : body;
}

export async function rows(request: QueryRequest | string): Promise<unknown[][]> {
  return (JSON.parse((await answer(request)).toString()) as { rows: unknown[][] }).rows;
}

export const failure = (request: QueryRequest | string, format: ResultFormat = "json") =>
  answer(request, format).then(
    () => expect.unreachable("it should fail"),
    (error: LakehouseError) => error,
  );

/** What can't be interrupted takes seconds of the processor, and many more by the clock where others want it too. */
const IDLE_MS_MAX = 80_000;
const isIdle = () => harness.slots.running === 0 && harness.slots.waiting === 0;
/** Nothing of any query is left in the engine. */
export const idle = () => eventually("the engine is idle", isIdle, IDLE_MS_MAX);
