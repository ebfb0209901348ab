import { counted } from "@lakehouse/server";
import { Counter, Histogram, type Registry } from "prom-client";

/** matrixd's own figures. */
export class MatrixMetrics {
  readonly #searches: Histogram<"outcome">;
  readonly #hits: Counter<"how">;
  readonly #chunks: Counter<"verdict">;
  readonly #recorded: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#searches = new Histogram({
      name: "matrixd_corpus_search_duration_seconds",
      help: "Searches of single corpora by outcome: ok, given_up, or the code of the error.",
      labelNames: ["outcome"],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.#hits = new Counter({
      name: "matrixd_playbook_hits_total",
      help: "Hits that playbooks lifted, or brought in where retrieval had missed them.",
      labelNames: ["how"],
      registers,
    });
    this.#chunks = new Counter({
      name: "matrixd_relevance_chunks_total",
      help: "Chunks weighed against a focus: kept or dropped.",
      labelNames: ["verdict"],
      registers,
    });
    this.#recorded = new Counter({ name: "matrixd_playbooks_recorded_total", help: "Playbooks recorded.", registers });
  }

  /** Times the search of one corpus. */
  timed<T>(search: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const stop = this.#searches.startTimer();
    return counted(search, (outcome) => stop({ outcome }), signal);
  }

  countHits(how: "lifted" | "brought_in", count: number): void {
    this.#hits.inc({ how }, count);
  }

  countChunks(verdict: "kept" | "dropped", count: number): void {
    this.#chunks.inc({ verdict }, count);
  }

  countRecorded(): void {
    this.#recorded.inc();
  }
}
