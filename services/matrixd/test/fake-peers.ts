import { setTimeout as delay } from "node:timers/promises";
import { answerJson, type FakeUpstream, startFakeUpstream, type UpstreamAnswer } from "@lakehouse/testing";

/** A vectord whose indexes all have three dimensions under cosine, and whose searches do as the test says. */
export async function startFakeVectord(onSearch: (index: string, ...rest: Parameters<UpstreamAnswer>) => void) {
  return startFakeUpstream((request, response) => {
    const [, index = "", rest = ""] = /^\/vectors\/index\/([^/]+)(.*)$/.exec(request.url) ?? [];
    if (rest === "/search") onSearch(decodeURIComponent(index), request, response);
    else answerJson(response, 200, request.url === "/ready" ? ready : infoOf(index));
  });
}

/** A search's answer with these hits, by id. */
export function answerHits(response: Parameters<UpstreamAnswer>[1], distances: Record<string, number>): void {
  const results = Object.entries(distances).map(([id, distance]) => ({ id, distance, metadata: {} }));
  answerJson(response, 200, { results });
}

/** An embedd that has one vector for every text, `delayMs` late. */
export async function startFakeEmbedd(delayMs = 0): Promise<FakeUpstream> {
  return startFakeUpstream(async (request, response) => {
    if (request.url === "/ready") return answerJson(response, 200, ready);
    const { texts } = JSON.parse(String(request.body)) as { texts: string[] };
    await delay(delayMs, undefined, { ref: false }); // a peer's own slowness, which the test is about
    answerJson(response, 200, { model: "one", dimension: 3, vectors: texts.map(() => [1, 0, 0]) });
  });
}

const ready = { status: "ok", service: "fake", checks: {} };

function infoOf(name: string) {
  const at = "2026-01-01T00:00:00.000Z";
  const shape = { dimension: 3, distance: "cosine", count: 1, m: 16, ef_construction: 200, ef_search: 100 };
  return { name, ...shape, created_at: at, updated_at: at };
}
