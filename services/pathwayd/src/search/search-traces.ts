import type { ScoreExplanation, TraceSearchRequest } from "@lakehouse/contracts";
import { endOf, formatMoment, type Moment, NOW, startOf } from "../traces/moment.ts";
import { type TraceView, viewAt } from "../traces/stored-trace.ts";
import { Best } from "./best.ts";
import { belowSuccessors, compareStandings, type Standing } from "./standing.ts";
import type { Matches, TextIndex } from "./text-index.ts";
import { traceFilter } from "./trace-filter.ts";
import { wordsOf } from "./words.ts";

export interface TraceHit {
  view: TraceView;
  score: number;
  explanation?: ScoreExplanation;
}

/** Best first: by BM25 where there is a query, then the later change. */
export function searchTraces(index: TextIndex, request: TraceSearchRequest): TraceHit[] {
  const { query, as_of, include_retired, limit, explain } = request;
  const moment = as_of === undefined ? NOW : endOf(as_of);
  const matches = index.match(wordsOf(query), moment);
  const documents = query === "" ? index.documentsAt(moment) : matches.documents;
  const found = standings(index, documents, matches, moment, request);
  const passes = traceFilter(request);
  const best = new Best(limit, compareStandings);
  if (include_retired) {
    const passing = found.filter(({ view }) => passes(view.version));
    for (const standing of belowSuccessors(passing, moment)) if (best.wants(standing)) best.add(standing);
  } else {
    for (const standing of found) if (best.wants(standing) && passes(standing.view.version)) best.add(standing);
  }
  return best.sorted.map((standing) => {
    const hit = { view: standing.view, score: standing.score };
    return explain ? { ...hit, explanation: explanationOf(index, matches, standing) } : hit;
  });
}

/** Those that may be shown, as they stood. What costs more to know is asked of the best only. */
function standings(
  index: TextIndex,
  documents: readonly number[],
  matches: Matches,
  moment: Moment,
  { since, include_retired }: TraceSearchRequest,
): Standing[] {
  const earliest = since === undefined ? -Infinity : startOf(since);
  const found: Standing[] = [];
  for (const document of documents) {
    const view = viewAt(index.document(document).trace, moment)!;
    if (view.updatedAt < earliest || (view.retired && !include_retired)) continue;
    const score = matches.scores[document]!;
    found.push({ view, document, score, recency: view.updatedAt, below: null, depth: 0 });
  }
  return found;
}

function explanationOf(index: TextIndex, matches: Matches, standing: Standing): ScoreExplanation {
  const { document, below, recency } = standing;
  const { traces, meanLength } = matches.corpus;
  return {
    bm25: matches.scores[document]!,
    traces,
    mean_length: meanLength,
    ...index.explain(matches, document),
    superseded_by: below,
    recency: formatMoment(recency),
  };
}
