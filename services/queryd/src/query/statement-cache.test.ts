import { expect, test } from "vitest";
import { everything } from "../views/visibility.ts";
import { type KnownStatement, StatementCache } from "./statement-cache.ts";

const known = (): KnownStatement => ({
  vetted: { sql: "SELECT 1", explain: undefined, datasets: new Set(), listsCatalog: false },
  columns: [],
});

test("a statement is known by its text and the types of its parameters", () => {
  const cache = new StatementCache();
  cache.set("SELECT $1", [1], 0, known());
  expect(cache.get("SELECT $1", [2], 0, everything)).toBeDefined();
  for (const parameters of [[], ["1"], [1.5], [2 ** 40], [null], [1, 1]]) {
    expect(cache.get("SELECT $1", parameters, 0, everything)).toBeUndefined();
  }
  expect(cache.get("select $1", [1], 0, everything)).toBeUndefined();
});

test("nothing is known any more when the views have changed, nor learnt of views that have", () => {
  const cache = new StatementCache();
  cache.set("SELECT 1", [], 1, known());
  expect(cache.get("SELECT 1", [], 2, everything)).toBeUndefined();
  cache.set("SELECT 1", [], 1, known());
  expect(cache.get("SELECT 1", [], 2, everything)).toBeUndefined();
});

test("only a statement without parameters can be known to be small", () => {
  const cache = new StatementCache();
  cache.set("SELECT 1", [], 0, known());
  cache.set("SELECT $1", [1], 0, known());
  cache.noteSmall("SELECT 1", []);
  cache.noteSmall("SELECT $1", [1]);
  cache.noteSmall("SELECT 2", []);
  expect([
    cache.get("SELECT 1", [], 0, everything)?.isSmall,
    cache.get("SELECT $1", [1], 0, everything)?.isSmall,
  ]).toEqual([true, undefined]);
});
