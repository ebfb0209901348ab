import { traceSearchResultSchema } from "@lakehouse/contracts";
import { describe, expect, it } from "vitest";
import { openPathwayd } from "./open-pathwayd.ts";

const uids = ({ body }: { body: { results: { trace: { uid: string } }[] } }) =>
  body.results.map(({ trace }) => trace.uid);

describe("search", () => {
  it("ranks by the words, and says how", async () => {
    await using pathwayd = await openPathwayd();
    await pathwayd.post("add", { uid: "pump", content: { what: "pump pump", note: "rusty" } });
    await pathwayd.post("add", { uid: "valve", content: "the valve next to the pump" });
    await pathwayd.post("add", { uid: "none", content: "something else" });
    const answer = await pathwayd.post("search", { query: "Rusty PUMP!", explain: true });
    expect(uids(answer)).toEqual(["pump", "valve"]);
    const { results } = traceSearchResultSchema.parse(answer.body);
    for (const { score, explanation } of results) {
      const sum = explanation!.terms.reduce((total, term) => total + term.score, 0);
      expect(score).toBeCloseTo(sum, 9);
      expect(explanation).toMatchObject({ bm25: score, traces: 3, superseded_by: null });
    }
    expect(uids(await pathwayd.post("search", { query: "!!!" }))).toEqual([]);
    expect(uids(await pathwayd.post("search", { query: "" }))).toEqual(["none", "valve", "pump"]);
    expect(uids(await pathwayd.post("search", { limit: 1 }))).toEqual(["none"]);
  });

  it("finds accents, digits, keys and scripts without spaces", async () => {
    await using pathwayd = await openPathwayd();
    await pathwayd.post("add", { uid: "cafe", content: { place: "Café Zürich", room: 101, open: true } });
    await pathwayd.post("add", { uid: "tokyo", content: ["東京タワー"] });
    for (const query of ["cafe", "ZURICH", "101", "true", "place"])
      expect(uids(await pathwayd.post("search", { query }))).toEqual(["cafe"]);
    expect(uids(await pathwayd.post("search", { query: "東京" }))).toEqual(["tokyo"]);
  });

  it("filters by tags, text, time and namespace", async () => {
    await using pathwayd = await openPathwayd();
    const { body } = await pathwayd.post("add", { uid: "a", content: { q: 'say "hi"\nthere' }, tags: ["x", "y"] });
    await pathwayd.post("add", { uid: "b", content: "Say it LOUD", tags: ["x"] });
    await pathwayd.post("add", { uid: "c", content: "say nothing", namespace: "n", tags: ["x"] });
    const found = async (request: object) => uids(await pathwayd.post("search", request));
    expect(await found({ tags: ["x"] })).toEqual(["b", "a"]);
    expect(await found({ tags: ["y", "x"] })).toEqual(["a"]);
    expect(await found({ tags: ["z"] })).toEqual([]);
    expect(await found({ content_contains: "loud" })).toEqual(["b"]);
    expect(await found({ content_contains: '"HI"\nth' })).toEqual(["a"]);
    expect(await found({ content_contains: "say", query: "loud there" })).toEqual(["b", "a"]);
    expect(await found({ content_contains: '{"q"' })).toEqual([]);
    expect(await found({ namespace: "n" })).toEqual(["c"]);
    expect(await found({ namespace: "nobody" })).toEqual([]);
    const { updated_at } = body.trace;
    expect(await found({ since: updated_at })).toEqual(["b", "a"]);
    await pathwayd.post("add_idempotent", { uid: "a" });
    expect(await found({})).toEqual(["a", "b"]);
    expect(await found({ as_of: updated_at })).toEqual(["a"]);
    expect(await found({ as_of: "2001-01-01T00:00:00+02:00" })).toEqual([]);
    expect(await found({ as_of: "2901-01-01T00:00:00Z" })).toEqual(["a", "b"]);
  });

  it("ranks a trace that was revised below its successor, however well it matches", async () => {
    await using pathwayd = await openPathwayd();
    await pathwayd.post("add", { uid: "first", content: "pump pump pump" });
    const second = (await pathwayd.post("revise", { uid: "first", content: "valve" })).body.trace.uid;
    const third = (await pathwayd.post("revise", { uid: second, content: "a pump in a long text about a boiler" })).body
      .trace.uid;
    await pathwayd.post("add", { uid: "other", content: "pump pump" });
    const found = async (request: object) => uids(await pathwayd.post("search", { include_retired: true, ...request }));
    expect(await found({ query: "pump" })).toEqual(["other", third, "first"]);
    expect(await found({ query: "pump valve boiler" })).toEqual([third, second, "first", "other"]);
    await pathwayd.post("add_idempotent", { uid: "first" });
    expect(await found({})).toEqual(["other", third, second, "first"]);
    expect(await found({ query: "valve" })).toEqual([second]);
  });

  it("answers a thousand large ones piece by piece", async () => {
    await using pathwayd = await openPathwayd();
    await Promise.all(
      Array.from({ length: 300 }, (_, index) => pathwayd.post("add", { content: `${index} ${"x".repeat(20_000)}` })),
    );
    const answer = await pathwayd.post("search", { limit: 1000 });
    expect(new Set(uids(answer)).size).toBe(300);
    expect(answer.text.length).toBeGreaterThan(6_000_000);
  });
});
