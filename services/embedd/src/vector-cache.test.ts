import { describe, expect, it } from "vitest";
import { VectorCache, vectorKey } from "./vector-cache.ts";
import { renderVector } from "./vector-json.ts";

const vector = renderVector(Float32Array.of(1));

describe("the cache", () => {
  it("forgets the text that was not asked for longest", () => {
    const cache = new VectorCache(2);
    cache.set("a", vector);
    cache.set("b", vector);
    cache.get("a");
    cache.set("c", vector);
    expect(["a", "b", "c"].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true]);
  });

  it("counts what it found and what not", () => {
    const cache = new VectorCache(10);
    expect(cache.stats()).toEqual({ enabled: true, hits: 0, misses: 0, hit_rate: 0, size: 0, capacity: 10 });
    cache.get("a");
    cache.set("a", vector);
    for (let time = 0; time < 3; time++) cache.get("a");
    expect(cache.stats()).toEqual({ enabled: true, hits: 3, misses: 1, hit_rate: 0.75, size: 1, capacity: 10 });
  });

  it("is off with a capacity of 0", () => {
    const cache = new VectorCache(0);
    cache.set("a", vector);
    expect(cache.get("a")).toBeUndefined();
    expect(cache.stats()).toEqual({ enabled: false, hits: 0, misses: 0, hit_rate: 0, size: 0, capacity: 0 });
  });

  it("tells texts and models apart", () => {
    const keys = [
      vectorKey("m", "a"),
      vectorKey("m", "b"),
      vectorKey("n", "a"),
      vectorKey("ma", ""),
      vectorKey("", "ma"),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(vectorKey("m", "a")).toBe(vectorKey("m", "a"));
  });
});
