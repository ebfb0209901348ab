import type { TraceSearchRequest } from "@lakehouse/contracts";
import type { TraceVersion } from "../traces/stored-trace.ts";
import { searchTraces, type TraceHit } from "./search-traces.ts";
import { TextIndex } from "./text-index.ts";
import { textOf } from "./text-of.ts";
import { wordsOf } from "./words.ts";

/** An index a namespace: what one memory holds does not move the scores of another. */
export class SearchIndexes {
  readonly #byNamespace = new Map<string, TextIndex>();

  /** @param content of the version, as a value */
  add(version: TraceVersion, content: unknown): void {
    const { namespace } = version.trace;
    const index = this.#byNamespace.get(namespace) ?? new TextIndex();
    this.#byNamespace.set(namespace, index);
    index.add(version, wordsOf(textOf(content)));
  }

  search(request: TraceSearchRequest): TraceHit[] {
    const index = this.#byNamespace.get(request.namespace);
    return index ? searchTraces(index, request) : [];
  }
}
