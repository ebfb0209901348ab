import { LakehouseError } from "@lakehouse/core";
import { Counter, Registry } from "prom-client";
import { expect, it } from "vitest";
import { addCounters, addGauges } from "./figures.ts";
import { counted, outcomeOf } from "./outcome.ts";

it("gauges and counters are read at each scrape; one that is undefined stays as it was", async () => {
  const registry = new Registry();
  let things: number | undefined = 3;
  addGauges(registry, { things: ["Things.", async () => things] });
  addCounters(registry, { seen_total: ["Seen.", () => 7] });
  const scraped = async () => (await registry.metrics()).match(/^\w+ \d+$/gm);
  expect(await scraped()).toEqual(["things 3", "seen_total 7"]);
  things = undefined;
  expect(await scraped()).toEqual(["things 3", "seen_total 7"]);
});

it("outcomes are counted by the code of the error, and passed on", async () => {
  const registry = new Registry();
  const outcomes = new Counter({ name: "n", help: "N.", labelNames: ["outcome"], registers: [registry] });
  const count = (outcome: string) => outcomes.inc({ outcome });
  const failure = new LakehouseError("query_busy", "Try again.");
  expect(await counted(async () => 5, count)).toBe(5);
  await expect(counted(() => Promise.reject(failure), count)).rejects.toBe(failure);
  expect((await outcomes.get()).values.map(({ labels }) => labels.outcome)).toEqual(["ok", "query_busy"]);
});

it("work whose caller left is given up, unless an error of ours says more", () => {
  const left = AbortSignal.abort();
  expect(outcomeOf(new Error("aborted"), left)).toBe("given_up");
  expect(outcomeOf(new LakehouseError("upstream_timeout", "Too slow."), left)).toBe("upstream_timeout");
  expect(outcomeOf(new Error("a bug"))).toBe("internal_error");
});
