import { maskInput } from "./input-mask.ts";
import { maskKey } from "./key-mask.ts";
import { INPUT_LENGTH_MAX, WORDS_SHOWN_MAX } from "./limits.ts";
import { readableWords } from "./readable-words.ts";

/** What a provider was sent, and may therefore repeat. */
export interface Sent {
  /** Empty where there is none. */
  key: string;
  /** The request's JSON; its `model` is a name, and may be repeated. */
  body: object;
}

/**
 * A provider's own words without any part of the key and of the request. They may be told to a client; a log has no use for them.
 * @returns an empty text where nothing is left, or nothing can be said for certain
 */
export function redacted(words: string, { key, body }: Sent): string {
  const readable = readableWords(words);
  if (readable === "") return "";
  const masked = maskInput(maskKey(readable, key), textsOf(body));
  return masked?.slice(0, WORDS_SHOWN_MAX).toWellFormed() ?? "";
}

/** Every text within the request, until they are longer together than what is compared. */
function textsOf({ model: _, ...body }: { model?: unknown }): string[] {
  const texts: string[] = [];
  let length = 0;
  const waiting: unknown[] = [body];
  while (waiting.length > 0 && length <= INPUT_LENGTH_MAX) {
    const value = waiting.pop();
    if (typeof value === "string") {
      texts.push(value);
      length += value.length;
    } else if (typeof value === "object" && value !== null) waiting.push(...Object.values(value));
  }
  return texts;
}
