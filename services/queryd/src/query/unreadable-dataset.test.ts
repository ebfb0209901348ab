import { rm } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { answer, failure, harness, idle, openForEachTest, rows } from "../../test/numbers-harness.ts";
import { manifestOf } from "../../test/query-harness.ts";
import { everything } from "../views/visibility.ts";

openForEachTest();

describe("a dataset that can't be read", () => {
  test("keeps its error to itself, says it without a path, and is tried again", async () => {
    const key = "datasets/broken/1.parquet";
    await harness.addDataset("broken", "SELECT 1 AS a", key);
    await rm(harness.objectPath(key));
    expect(await rows("SELECT count(*) FROM numbers")).toEqual([[100_000]]);
    expect(await failure("FROM broken")).toMatchObject({ code: "dataset_unavailable", details: { dataset: "broken" } });
    const broken = harness.views.list(everything).find(({ name }) => name === "broken");
    expect(broken).toMatchObject({ status: "failed", error: expect.stringContaining("object 1") });
    expect(JSON.stringify(broken)).not.toContain(harness.folder);

    await harness.addDataset("numbers2", "SELECT 1 AS a", key);
    await harness.views.retryFailed();
    expect(await rows("FROM broken")).toEqual([[1]]);
  });

  test("damaged or gone behind a view that was made: 503, without its path", async () => {
    const known = "SELECT max(i) FROM numbers";
    await rows(known);
    await rm(harness.objectPath("datasets/numbers/1.parquet"));
    for (const sql of [known, "SELECT sum(i) FROM numbers"]) {
      const error = await failure(sql);
      expect(error.code).toBe("dataset_unavailable");
      expect(JSON.stringify([error.message, error.details])).not.toContain(harness.folder);
    }
    await idle();
  });

  test("a name or a key that would be SQL or a pattern stays what it is", async () => {
    await harness.addDataset("a.b-c", "SELECT 1 AS a");
    expect(await rows('FROM "A.B-C"')).toEqual([[1]]);
    harness.catalog.register(manifestOf("globbed", [{ name: "a", type: "BIGINT" }], "datasets/numbers/*.parquet"));
    harness.catalog.register(manifestOf("climbing", [{ name: "a", type: "BIGINT" }], "../../etc/passwd"));
    harness.catalog.register(manifestOf("typed", [{ name: "a", type: "INT); DROP VIEW numbers; --" }]));
    await rows("SELECT 1");
    const failed = harness.views.list(everything).filter(({ status }) => status === "failed");
    expect(failed.map(({ name }) => name)).toEqual(["climbing", "globbed", "typed"]);
    expect(await rows("SELECT count(*) FROM numbers")).toEqual([[100_000]]);
  });

  test("one without objects has its columns and no rows", async () => {
    harness.catalog.register(manifestOf("empty", [{ name: 'a "b"', type: "DECIMAL(10,2)" }]));
    const { columns, rows: none } = JSON.parse((await answer("FROM empty")).toString());
    expect([columns, none]).toEqual([[{ name: 'a "b"', type: "DECIMAL(10,2)" }], []]);
  });
});
