import { ask, startService } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { engineNames } from "../src/shard/engines.ts";

const DIMENSION = 256;
const ITEMS = 1_500;

// A thread that is ended inside the engine could take the process along.
test.each(engineNames)("SIGTERM while %s builds graphs ends it with 0", async (engine) => {
  const items = Array.from({ length: ITEMS }, (_, i) => ({
    id: `${i}`,
    vector: Array.from({ length: DIMENSION }, (_, j) => Math.sin(i * DIMENSION + j)),
  }));
  for (let round = 0; round < 3; round++) {
    const storaged_url = "";
    await using vectord = await startService("vectord", { config: { vectord: { storaged_url, shards: 2, engine } } });
    const url = `${vectord.url}/vectors/index`;
    await ask("POST", url, { name: "a", dimension: DIMENSION });
    expect((await ask("POST", `${url}/a/add`, { items })).body.count).toBe(ITEMS);
    expect(await vectord.stop()).toBe(0);
  }
});
