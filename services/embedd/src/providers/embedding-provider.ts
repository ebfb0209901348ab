import type { EmbeddingProviderName } from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";

/** Who turns texts into vectors. What comes back is not trusted: the caller checks it, and brings it to length 1. */
export interface EmbeddingProvider {
  readonly name: EmbeddingProviderName;
  /** Asked where neither the request nor the configuration names one. */
  readonly defaultModel: string;
  /** Of every model, where that does not depend on the model. */
  readonly dimension?: number;
  /**
   * The model's numbers, a list a text, in order. Ends early when the context's signal aborts.
   * @throws LakehouseError `upstream_unavailable`, `upstream_timeout`, `upstream_error` with `details.status`, `rate_limited`,
   *   `quota_exhausted`, `bad_upstream_answer`
   */
  embed(model: string, texts: readonly string[], context: RequestContext): Promise<ArrayLike<unknown>[]>;
  /** @throws LakehouseError where the provider can't be reached */
  ping(context: RequestContext): Promise<void>;
  close(): Promise<void>;
}
