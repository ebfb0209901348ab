import { describe, expect, it } from "vitest";
import { embedded, length, openEmbedd } from "./open-embedd.ts";

const url = process.env["OLLAMA_URL"];
const model = process.env["OLLAMA_EMBED_MODEL"] ?? "nomic-embed-text";
const answers = url !== undefined && (await hasModel(url));
if (!answers) {
  const why = url === undefined ? "OLLAMA_URL is not set" : `no Ollama with ${model} answers at ${url}`;
  process.stderr.write(`embedd: the tests against a real Ollama are SKIPPED, since ${why}.\n`);
}

describe.skipIf(!answers)("embedd with a real Ollama", () => {
  it("gives vectors of length 1, near for near texts, from the cache the second time", async () => {
    await using embedd = await openEmbedd({ provider: "ollama", ollama_url: url!, model });
    const texts = [
      "a forklift operator in Chicago",
      "someone who drives a lift truck in Illinois",
      "a recipe for onion soup",
    ];
    const { vectors } = await embedded(embedd.post({ texts }));
    for (const vector of vectors) expect(length(vector)).toBeCloseTo(1, 5);
    const [job, sameJob, soup] = vectors as [number[], number[], number[]];
    expect(dot(job, sameJob)).toBeGreaterThan(dot(job, soup));
    expect((await embedded(embedd.post({ texts }))).vectors).toEqual(vectors);
    expect(await embedd.get("/embed/stats")).toMatchObject({ hits: 3, misses: 3 });
  });
});

async function hasModel(base: string): Promise<boolean> {
  try {
    const response = await fetch(`${base}/api/tags`, { signal: AbortSignal.timeout(2_000) });
    const { models } = (await response.json()) as { models: { name: string }[] };
    return models.some(({ name }) => name === model || name.startsWith(`${model}:`));
  } catch {
    return false; // nobody there, which the line above says
  }
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, number, place) => sum + number * b[place]!, 0);
}
