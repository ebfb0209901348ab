import type { ErrorCode } from "@lakehouse/contracts";
import { isLakehouseError, LakehouseError } from "@lakehouse/core";
import { redacted, type Sent } from "./redaction.ts";

type ProviderFault = Extract<
  ErrorCode,
  | "upstream_unavailable"
  | "upstream_timeout"
  | "bad_upstream_answer"
  | "upstream_error"
  | "quota_exhausted"
  | "rate_limited"
>;

/** How providers say that an account is used up, rather than that it asks too fast. */
const quotaWords = /quota|billing|credit|balance|usage limit|insufficient funds/i;

/**
 * What goes wrong with one call to a provider, as our errors. Its own words go to the client without what it was sent, key and request,
 * and never to the log.
 */
export class ProviderErrors {
  readonly provider: string;
  readonly #sent: Sent;

  constructor(provider: string, sent: Sent) {
    this.provider = provider;
    this.#sent = sent;
  }

  unavailable(cause: unknown): LakehouseError {
    return this.#error("upstream_unavailable", "can't be reached, or broke the connection off.", { cause });
  }

  /** @param ms undefined where it was not our own time that is over, but that of the whole request */
  timeout(ms?: number, cause?: unknown): LakehouseError {
    const when = ms === undefined ? "in time" : `within ${ms} ms`;
    return this.#error("upstream_timeout", `has not answered ${when}.`, { cause });
  }

  /** @param what of our own words, as the end of "It answered …" */
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

  #error(code: ProviderFault, what: string, { status, words = "", retryAfterSeconds, cause }: Circumstances) {
    const provider = this.provider;
    const quote = redacted(words, this.#sent);
    return new LakehouseError(code, `${provider} ${what}`, {
      details: { provider, upstream: provider, ...(status === undefined ? {} : { status }) },
      ...(quote === "" ? {} : { quote }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

/** The status that a provider answered with; undefined where it did not answer. */
export function statusOf(error: unknown): number | undefined {
  const answered = isLakehouseError(error, "upstream_error", "rate_limited", "quota_exhausted", "bad_upstream_answer");
  return answered ? error.details?.status : undefined;
}

interface Circumstances {
  status?: number;
  words?: string;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

/** What an error says: Ollama's `{error: "…"}`, OpenAI's `{error: {message}}`; undefined where the answer is not an error. */
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
    return text; // not JSON: the text itself is what it says
  }
}
