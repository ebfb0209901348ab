import { eventually } from "@lakehouse/testing";
import { describe, expect, test } from "vitest";
import { answer, ENDLESS, failure, harness, idle, openForEachTest, rows } from "../../test/numbers-harness.ts";
import { everything } from "../views/visibility.ts";

openForEachTest();

describe("freshness", () => {
  test("a dataset is seen by the next query, in its new form too, and its end as well", async () => {
    await harness.addDataset("late", "SELECT 1 AS a");
    expect(await rows("FROM late")).toEqual([[1]]);
    await harness.addDataset("late", "SELECT 'x' AS b, 2 AS c", "datasets/late/2.parquet");
    expect(await rows("FROM late")).toEqual([["x", 2]]);
    harness.catalog.delete("late");
    expect(await failure("FROM late")).toMatchObject({ code: "sql_error", details: { kind: "catalog" } });
  });

  test("costs one conditional request a query, and no view is made again", async () => {
    await rows("SELECT count(*) FROM numbers");
    const before = harness.catalog.requests;
    const oids = async () => JSON.stringify(await viewOids());
    const oid = await oids();
    for (let i = 0; i < 5; i++) await rows("SELECT count(*) FROM numbers");
    expect(harness.catalog.requests - before).toBe(5);
    expect(await oids()).toBe(oid);
  });

  test("concurrent queries share a check that has not been sent, and only such", async () => {
    await rows("SELECT 1");
    harness.catalog.requests = 0;
    const gate = Promise.withResolvers<void>();
    harness.catalog.before = () => gate.promise;
    const first = harness.watch.refresh();
    await harness.addDataset("late", "SELECT 5 AS a");
    const later = Array.from({ length: 3 }, () => harness.watch.refresh());
    gate.resolve();
    await first;
    expect(harness.views.find("late", everything)).toBeUndefined();
    await Promise.all(later);
    expect(harness.views.find("late", everything)).toBe("late");
    expect(harness.catalog.requests).toBe(2);
  });

  test("a query does not wait for the catalog to begin, but to answer; what it began too early is not seen", async () => {
    await rows("SELECT 1");
    const gate = Promise.withResolvers<void>();
    harness.catalog.before = () => gate.promise;
    await harness.addDataset("late", "SELECT 5 AS a");
    const answers = [
      rows("FROM late"),
      rows("SELECT 1"),
      failure("SELECT nope"),
      failure("SELECT * FROM numbers WHERE"),
    ];
    let answered = 0;
    for (const one of answers) void one.then(() => (answered += 1));
    await eventually("they have begun", () => harness.slots.running > 0);
    await eventually("they have all been run", () => harness.slots.running <= 2);
    expect(answered).toBe(0);
    gate.resolve();
    expect(await Promise.all(answers)).toMatchObject([[[5]], [[1]], { code: "sql_error" }, { code: "sql_error" }]);
    await idle();
  });

  test.each([
    ["of another type", "SELECT 'x' AS a, 2 AS b", ["x", 2]],
    ["with fewer columns", "SELECT 'x' AS a", ["x"]],
  ])(
    "a statement known from before, as its dataset is replaced by one %s, is not run as it was known",
    async (_name, select, row) => {
      await harness.addDataset("late", "SELECT 1 AS a, 2 AS b");
      await rows("FROM late");
      const gate = holdEngine();
      const { requests } = harness.catalog;
      const answer = rows("FROM late");
      await eventually("the catalog was asked", () => harness.catalog.requests > requests);
      await harness.watch.refresh();
      await harness.addDataset("late", select, "datasets/late/2.parquet");
      await harness.watch.refresh();
      gate.resolve();
      expect(await answer).toEqual([row]);
      await idle();
    },
  );

  /** Whatever queries ask of the engine from now on waits for the gate. */
  function holdEngine(): PromiseWithResolvers<void> {
    const gate = Promise.withResolvers<void>();
    const { engine } = harness;
    const connect = engine.freshConnection.bind(engine);
    engine.freshConnection = async () => {
      const connection = await connect();
      const run = connection.run.bind(connection);
      connection.run = (...statement) => gate.promise.then(() => run(...statement));
      return connection;
    };
    return gate;
  }

  test("without the catalog there is no answer", async () => {
    harness.catalog.before = () => Promise.reject(new Error("gone"));
    await expect(answer("SELECT 1")).rejects.toThrow("gone");
    await expect(answer(ENDLESS)).rejects.toThrow("gone");
    await idle();
    harness.catalog.before = undefined;
    expect(await rows("SELECT 1")).toEqual([[1]]);
    await idle();
  });

  async function viewOids() {
    const connection = await harness.engine.connect();
    return (
      await connection.runAndReadAll("SELECT view_name, view_oid FROM duckdb_views() WHERE NOT internal")
    ).getRowsJson();
  }
});
