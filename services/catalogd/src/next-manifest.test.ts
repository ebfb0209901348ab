import { expect, test } from "vitest";
import { datasetObject, registerRequest } from "../test/requests.ts";
import { nextManifest } from "./next-manifest.ts";

const NOON = Date.UTC(2026, 0, 1, 12);
const first = nextManifest(undefined, registerRequest("a", ["k1", "k2"]), NOON);
const keysOf = ({ objects }: typeof first) => objects.map(({ key }) => key);

test("replace lists the new objects alone, and keeps id and created_at", () => {
  const next = nextManifest(first, registerRequest("a", ["k3"]), NOON + 5);
  expect(keysOf(next)).toEqual(["k3"]);
  expect(next).toMatchObject({ dataset_id: first.dataset_id, created_at: first.created_at, row_count: 10 });
});

test("append lists the new objects after the old ones, each key once, and counts the rows of the new ones", () => {
  const next = nextManifest(first, registerRequest("a", ["k2", "k3", "k3"], { mode: "append" }), NOON + 5);
  expect(keysOf(next)).toEqual(["k1", "k2", "k3"]);
  expect(next.row_count).toBe(30);
});

test("an append of nothing new changes nothing but updated_at", () => {
  const next = nextManifest(first, registerRequest("a", ["k1", "k2"], { mode: "append" }), NOON + 5);
  expect(next).toEqual({ ...first, updated_at: new Date(NOON + 5).toISOString() });
});

test("where all objects are new, the row count is what the client said", () => {
  const request = registerRequest("a", [], { mode: "append", objects: [datasetObject("k9", 0)], row_count: 7 });
  expect(nextManifest(first, request, NOON).row_count).toBe(27);
  expect(nextManifest(undefined, request, NOON).row_count).toBe(7);
});

test("a first append is a first register", () => {
  const appended = nextManifest(undefined, registerRequest("a", ["k1", "k2"], { mode: "append" }), NOON);
  expect(appended).toEqual(first);
});

test.each([
  ["the clock stands still", NOON],
  ["the clock steps back", NOON - 60_000],
])("updated_at moves forward where %s", (_how, now) => {
  const next = nextManifest(first, registerRequest("a"), now);
  expect(Date.parse(next.updated_at)).toBe(NOON + 1);
  expect(Date.parse(nextManifest(next, registerRequest("a"), now).updated_at)).toBe(NOON + 2);
});

test("rows past 2^53 are refused, since they could not be counted exactly", () => {
  const full = { ...first, row_count: Number.MAX_SAFE_INTEGER };
  const append = registerRequest("a", ["k3"], { mode: "append" });
  expect(() => nextManifest(full, append, NOON)).toThrow(expect.objectContaining({ code: "invalid_request" }));
});
