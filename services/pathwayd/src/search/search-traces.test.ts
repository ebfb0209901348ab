import { traceSearchRequestSchema } from "@lakehouse/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { contentOf } from "../traces/content.ts";
import { Traces } from "../traces/traces.ts";
import { SearchIndexes } from "./search-indexes.ts";

const word = fc.constantFrom("pump", "valve", "rust", "oil", "leak");
const texts = fc.array(fc.array(word, { maxLength: 8 }), { minLength: 1, maxLength: 12 });

/** BM25 as its formula stands in the books (Robertson and Zaragoza 2009, with Lucene's idf), over all texts each time. */
function scoresOf(corpus: string[][], query: string[]): number[] {
  const mean = corpus.reduce((sum, text) => sum + text.length, 0) / corpus.length;
  const idf = (term: string) => {
    const containing = corpus.filter((text) => text.includes(term)).length;
    return Math.log(1 + (corpus.length - containing + 0.5) / (containing + 0.5));
  };
  return corpus.map((text) =>
    [...new Set(query)].reduce((sum, term) => {
      const count = text.filter((one) => one === term).length;
      if (count === 0) return sum;
      return sum + (idf(term) * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * text.length) / mean));
    }, 0),
  );
}

test("scores are those of the formula, whatever was there before, and the order is theirs", async () => {
  await fc.assert(
    fc.asyncProperty(texts, texts, fc.array(word, { minLength: 1, maxLength: 4 }), async (first, second, query) => {
      const [traces, indexes] = [new Traces(), new SearchIndexes()];
      let at = 1;
      const say = (op: "add" | "update", uid: string, words: string[]) => {
        const content = contentOf(words.join(" "));
        indexes.add(traces.apply({ op, at: at++, uid, namespace: "default", tags: [], content })!);
      };
      for (const [index, words] of first.entries()) say("add", `${index}`, words);
      for (const [index, words] of second.slice(0, first.length).entries()) say("update", `${index}`, words);
      const now = first.map((words, index) => second[index] ?? words);
      const found = await indexes.search(traceSearchRequestSchema.parse({ query: query.join(" "), limit: 1000 }));
      const scores = found.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      const byUid = new Map(found.map(({ view, score }) => [view.version.trace.uid, score]));
      for (const [index, score] of scoresOf(now, query).entries()) {
        expect(byUid.get(`${index}`) ?? 0).toBeCloseTo(score, 9);
      }
    }),
    { numRuns: 300 },
  );
});
