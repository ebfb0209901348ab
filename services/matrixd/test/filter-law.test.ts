import { type Condition, filterSchema, type Metadata } from "@lakehouse/contracts";
import { meetsFilter } from "@lakehouse/core";
import { startService, succeed } from "@lakehouse/testing";
import fc from "fast-check";
import { expect, it } from "vitest";

const scalar = fc.constantFrom<Condition>("IL", "WI", "2024-01-01", "", 0, 3, 9.5, -1, true, false, null);
const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.constant({ nested: 3 }));
const key = fc.constantFrom("state", "years", "constructor", "none");
const metadata = fc.dictionary(key, value, { maxKeys: 4 });
const bound = fc.constantFrom<string | number>("A", "WI", "2024-01-01", 0, 3, 9.5);
const range = fc
  .record({ gt: bound, gte: bound, lt: bound, lte: bound }, { requiredKeys: [] })
  .filter((one) => Object.keys(one).length > 0);
const condition = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), range);
const filter = fc.dictionary(key, condition, { maxKeys: 3 });

/** An answer that a playbook brings in is held against the filter here, all others by vectord: it has to be the same filter. */
it("metadata meets a filter here where it meets it in vectord", async () => {
  await using vectord = await startService("vectord", { config: { vectord: { storaged_url: "", shards: 1 } } });
  const url = `${vectord.url}/vectors/index`;
  const all = fc.sample(metadata, { numRuns: 400, seed: 1 }) as Metadata[];
  await succeed("POST", url, { name: "law", dimension: 1 });
  await succeed("POST", `${url}/law/add`, {
    items: all.map((one, i) => ({ id: `${i}`, vector: [1], metadata: one })),
  });
  const law = fc.asyncProperty(filter, async (wire) => {
    const { results } = await succeed("POST", `${url}/law/search`, { vector: [1], k: 1000, filter: wire });
    const theirs = results.map(({ id }: { id: string }) => Number(id)).sort((a: number, b: number) => a - b);
    const parsed = filterSchema.parse(JSON.parse(JSON.stringify(wire)));
    expect([...all.keys()].filter((i) => meetsFilter(all[i]!, parsed))).toEqual(theirs);
  });
  await fc.assert(law, { numRuns: 100 });
});
