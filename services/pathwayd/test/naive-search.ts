import type { Trace, TraceSearchRequest } from "@lakehouse/contracts";
import { textOf } from "../src/search/text-of.ts";
import { wordsOf } from "../src/search/words.ts";

interface Place {
  trace: Trace;
  score: number;
  recency: string;
  depth: number;
}

/** A search written down as simply as can be: all traces, as they stood at the moment, are weighed and sorted. */
export function naiveSearch(all: readonly Trace[], request: TraceSearchRequest): { uid: string; score: number }[] {
  const traces = all.filter(({ namespace }) => namespace === request.namespace);
  const scores = scoresOf(
    traces.map(({ content }) => wordsOf(textOf(content))),
    [...new Set(wordsOf(request.query))],
  );
  const scored = traces.map((trace, index) => ({ trace, score: scores[index]! }));
  const found = scored.filter(({ trace, score }) => passes(trace, request) && (request.query === "" || score > 0));
  const placeOf = (own: { trace: Trace; score: number }): Place => {
    const above = nearestSuccessor(own.trace);
    const mine = { ...own, recency: own.trace.updated_at, depth: 0 };
    if (!above) return mine;
    return {
      trace: own.trace,
      score: Math.min(mine.score, above.score),
      recency: later(mine, above) < 0 ? above.recency : mine.recency,
      depth: above.depth + 1,
    };
  };
  const nearestSuccessor = ({ uid }: Trace): Place | undefined => {
    const successor = traces.find(({ predecessor_uid }) => predecessor_uid === uid);
    if (!successor) return undefined;
    const own = found.find(({ trace }) => trace === successor);
    return own ? placeOf(own) : nearestSuccessor(successor);
  };
  const sorted = found
    .map(placeOf)
    .sort((a, b) => b.score - a.score || later(a, b) || a.depth - b.depth || byUid(a, b));
  return sorted.slice(0, request.limit).map(({ trace, score }) => ({ uid: trace.uid, score }));
}

/** BM25 as its formula stands in the books (Robertson and Zaragoza 2009, with Lucene's idf), over all texts each time. */
function scoresOf(corpus: readonly string[][], query: readonly string[]): number[] {
  const mean = corpus.reduce((sum, text) => sum + text.length, 0) / corpus.length;
  const idf = (term: string) => {
    const containing = corpus.filter((text) => text.includes(term)).length;
    return Math.log(1 + (corpus.length - containing + 0.5) / (containing + 0.5));
  };
  return corpus.map((text) =>
    query.reduce((sum, term) => {
      const count = text.filter((one) => one === term).length;
      if (count === 0) return sum;
      return sum + (idf(term) * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * text.length) / mean));
    }, 0),
  );
}

function passes(trace: Trace, { tags, content_contains, since, include_retired }: TraceSearchRequest): boolean {
  if (trace.retired && !include_retired) return false;
  if (since !== undefined && trace.updated_at < since) return false;
  if (!tags.every((tag) => trace.tags.includes(tag))) return false;
  return textOf(trace.content).toLowerCase().includes(content_contains.toLowerCase());
}

/** Negative where `a` is later. */
function later(a: Place, b: Place): number {
  return a.recency === b.recency ? 0 : a.recency < b.recency ? 1 : -1;
}

function byUid(a: Place, b: Place): number {
  return a.trace.uid < b.trace.uid ? -1 : 1;
}
