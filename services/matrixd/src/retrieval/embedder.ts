import type { EmbedClient } from "@lakehouse/clients";
import type { EmbedResult } from "@lakehouse/contracts";
import { isLakehouseError, LakehouseError, type RequestContext } from "@lakehouse/core";

/** A query as vectord takes it. */
export interface Query {
  vector: readonly number[];
  /** That made the vector of a text; undefined where the client brought one. */
  model: string | undefined;
}

interface GivenQuery {
  query_text?: string;
  query_vector?: number[];
}

/** Texts to vectors, by embedd's default model. */
export class Embedder {
  readonly #embed: EmbedClient;

  constructor(embed: EmbedClient) {
    this.#embed = embed;
  }

  /** A vector wins over a text. @throws LakehouseError as `embed` */
  async query({ query_text, query_vector }: GivenQuery, context: RequestContext): Promise<Query> {
    if (query_vector !== undefined) return { vector: query_vector, model: undefined };
    const { model, vectors } = await this.embed([query_text!], () => "query_text", context);
    return { vector: vectors[0]!, model };
  }

  /**
   * All at once.
   * @param fieldOf where the text of a place stands in our own request
   * @throws LakehouseError `invalid_request` in the client's own words, `upstream_unavailable`, `upstream_timeout`, `upstream_error`,
   *   `rate_limited`, `quota_exhausted`
   */
  async embed(
    texts: readonly string[],
    fieldOf: (place: number) => string,
    context: RequestContext,
  ): Promise<EmbedResult> {
    try {
      return await this.#embed.embed({ texts: [...texts] }, context);
    } catch (error) {
      throw isLakehouseError(error, "invalid_request") ? renamed(error, fieldOf) : error;
    }
  }

  /** The model that texts are embedded by now. */
  async currentModel(context: RequestContext): Promise<string> {
    return (await this.#embed.stats(context)).model;
  }
}

/** embedd speaks of `texts.3`; our client has never heard of it. */
function renamed(
  { details: issues = [] }: LakehouseError<"invalid_request">,
  fieldOf: (place: number) => string,
): LakehouseError {
  const details = issues.map(({ path, message }) => ({
    path: path.replace(/^texts\.(\d+)$/, (_whole, place) => fieldOf(Number(place))),
    message,
  }));
  const [first] = details;
  return new LakehouseError("invalid_request", `${first!.path}: ${first!.message}`, { details });
}
