import type { z } from "zod";
import { errorIn, type ProviderErrors } from "./provider-errors.ts";

/**
 * What a provider says, as JSON that is not an error.
 * @throws LakehouseError `bad_upstream_answer`, `upstream_error`
 */
export function parseAnswer(text: string, errors: ProviderErrors): unknown {
  const answer = parseJson(text, errors);
  const words = errorIn(answer);
  if (words !== undefined) throw errors.failed(words);
  return answer;
}

/**
 * @param wanted such as "a completion"
 * @throws LakehouseError `bad_upstream_answer`
 */
export function checkAnswer<T extends z.ZodType>(
  schema: T,
  answer: unknown,
  errors: ProviderErrors,
  wanted: string,
): z.output<T> {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  // Without the schema's own message, which may name what it found.
  throw errors.badAnswer(`something else than ${wanted}`);
}

function parseJson(text: string, errors: ProviderErrors): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the parser's own message, which quotes the text.
    throw errors.badAnswer("something that is not JSON");
  }
}
