import { type ChatProviderName, type ErrorCode, LakehouseError } from "@lakehouse/contracts";
import { KEY_START_LENGTH, PROVIDER_WORDS_LENGTH_MAX } from "../limits.ts";

/** How providers say that an account is used up, rather than that it asks too fast. */
const quotaWords = /quota|billing|credit|balance|usage limit|insufficient funds/i;

/**
 * What goes wrong with a provider, as our errors. Its own words go to the client without the key, which some repeat, and never to the
 * log, since some repeat the prompt too.
 */
export class ProviderErrors {
  readonly provider: ChatProviderName;
  readonly #key: string;

  /** @param key empty where there is none */
  constructor(provider: ChatProviderName, key: string) {
    this.provider = provider;
    this.#key = key;
  }

  unavailable(cause: unknown): LakehouseError {
    return this.#error("upstream_unavailable", "can't be reached, or broke the connection off.", { cause });
  }

  timeout(ms: number, cause?: unknown): LakehouseError {
    return this.#error("upstream_timeout", `has not answered within ${ms} ms.`, { cause });
  }

  badAnswer(what: string, cause?: unknown): LakehouseError {
    return this.#error("bad_upstream_answer", `answered ${what}.`, { cause });
  }

  /** An error within an answer that said 200. */
  failed(words: string): LakehouseError {
    return this.#error("upstream_error", "began to answer and failed.", { status: 200, words });
  }

  /** An answer of another status than 200. @param text its body */
  refused(status: number, text: string, retryAfterSeconds?: number): LakehouseError {
    // A refused key is quoted in ways that nobody can foresee.
    const words = status === 401 ? "" : wordsOf(text);
    const code = status !== 429 ? "upstream_error" : quotaWords.test(text) ? "quota_exhausted" : "rate_limited";
    const what = status === 401 ? "answered 401: it refuses our key." : `answered ${status}.`;
    return this.#error(code, what, { status, words, retryAfterSeconds });
  }

  #error(code: ErrorCode, what: string, { status, words = "", retryAfterSeconds, cause }: Circumstances) {
    const provider = this.provider;
    const safe = this.#withoutKey(words).slice(0, PROVIDER_WORDS_LENGTH_MAX);
    return new LakehouseError(code, `${provider} ${what}`, {
      details: { provider, upstream: provider, ...(status === undefined ? {} : { status }) },
      ...(safe === "" ? {} : { quote: `It says: ${safe}` }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(cause === undefined ? {} : { cause }),
    });
  }

  /** Neither the key nor what begins like it: some show a part. */
  #withoutKey(words: string): string {
    const key = this.#key;
    if (key === "") return words;
    const whole = words.replaceAll(key, "[key]");
    if (key.length <= KEY_START_LENGTH) return whole;
    return whole.replaceAll(new RegExp(`${RegExp.escape(key.slice(0, KEY_START_LENGTH))}\\S*`, "g"), "[key]");
  }
}

interface Circumstances {
  status?: number;
  words?: string;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

/** What an error says: Ollama's `{error: "…"}`, OpenAI's `{error: {message}}`; undefined where there is none. */
export function errorIn(answer: unknown): string | undefined {
  const { error } = (answer ?? {}) as { error?: unknown };
  if (error === undefined || error === null) return undefined;
  const { message = error } = error as { message?: unknown };
  return typeof message === "string" ? message : JSON.stringify(message);
}

function wordsOf(text: string): string {
  try {
    return errorIn(JSON.parse(text)) ?? text;
  } catch {
    return text.trim(); // not JSON: the text itself is what it says
  }
}
