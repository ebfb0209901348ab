import { isLakehouseError, LakehouseError, type RequestContext } from "@lakehouse/core";
import type { Dimensions } from "./dimensions.ts";
import { REFUSED_CALLS_MAX } from "./limits.ts";
import type { EmbeddingProvider } from "./providers/embedding-provider.ts";
import { unitVector } from "./unit-vector.ts";
import { type RenderedVector, renderVector } from "./vector-json.ts";

/** A failure of one text alone: those that were asked for beside it have their vectors. */
export class TextError extends Error {
  override readonly cause: LakehouseError;

  constructor(cause: LakehouseError) {
    super(cause.message);
    this.cause = cause;
  }
}

export type Outcome = RenderedVector | TextError;

/**
 * Asks for all texts in one call. Providers refuse a whole call over one bad text, so a refused call is halved until the text at fault
 * stands alone.
 * @returns an outcome a text, in order
 * @throws LakehouseError where the call failed whatever its texts: `upstream_unavailable`, `upstream_timeout`, `upstream_error`,
 *   `rate_limited`, `quota_exhausted`, `bad_upstream_answer`
 */
export async function askProvider(
  provider: EmbeddingProvider,
  dimensions: Dimensions,
  model: string,
  texts: readonly string[],
  context: RequestContext,
): Promise<Outcome[]> {
  let refusalsLeft = REFUSED_CALLS_MAX;

  async function ask(part: readonly string[]): Promise<Outcome[]> {
    try {
      const answer = await provider.embed(model, part, context);
      if (answer.length !== part.length) throw wrongCount(provider, answer.length, part.length);
      return answer.map((values) => checked(provider, dimensions, model, values));
    } catch (error) {
      refusalsLeft -= 1;
      if (!isOfTheTexts(error) || refusalsLeft === 0) throw error;
      if (part.length === 1) return [new TextError(error)];
      const middle = part.length >> 1;
      return [...(await ask(part.slice(0, middle))), ...(await ask(part.slice(middle)))];
    }
  }

  return ask(texts);
}

/** What providers say of a text that is too long, or whose vector came out as NaN. Other statuses are about the call. */
const statusesOfTexts = new Set([400, 413, 422, 500]);

function isOfTheTexts(error: unknown): error is LakehouseError<"upstream_error"> {
  if (!isLakehouseError(error, "upstream_error")) return false;
  return statusesOfTexts.has(error.details?.status ?? 0);
}

function checked(
  provider: EmbeddingProvider,
  dimensions: Dimensions,
  model: string,
  values: ArrayLike<unknown>,
): Outcome {
  const vector = unitVector(values);
  if (typeof vector === "string") return new TextError(badAnswer(provider, `a vector that ${vector}`));
  const dimension = dimensions.hold(model, vector.length);
  if (vector.length === dimension) return renderVector(vector);
  return new TextError(badAnswer(provider, `${vector.length} numbers where ${model} has ${dimension}`));
}

function wrongCount(provider: EmbeddingProvider, given: number, wanted: number): LakehouseError {
  return badAnswer(provider, `${given} vectors for ${wanted} texts`);
}

function badAnswer({ name }: EmbeddingProvider, what: string): LakehouseError {
  return new LakehouseError("bad_upstream_answer", `${name} answered ${what}.`, { details: { upstream: name } });
}
