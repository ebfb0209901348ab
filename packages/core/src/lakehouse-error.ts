import { type ErrorCode, type ErrorDetails, type ErrorRow, errorTable } from "@lakehouse/contracts/errors";

export interface LakehouseErrorOptions<Details> {
  details?: Details;
  /** What a provider said of it: sent after the sentence, never logged, since it may repeat what was asked. */
  quote?: string;
  /** Seconds for a `Retry-After` header. */
  retryAfterSeconds?: number;
  /** What went wrong beneath; logged, never sent. */
  cause?: unknown;
}

/** Between our sentence and the quote, so that a peer can tell the two apart again. */
const QUOTE_MARK = " It says: ";

/** The one error that domains throw: a code of the table, a sentence for a person, and the details that the table gives the code. */
export class LakehouseError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly details: ErrorDetails<C> | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly #quote: string | undefined;

  constructor(code: C, message: string, options: LakehouseErrorOptions<ErrorDetails<C>> = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "LakehouseError";
    this.code = code;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.#quote = options.quote;
  }

  /**
   * Rebuilds the error of a peer or of another thread. What its sentence quotes stays out of the log here too; details that do not
   * have the shape of the code are left out.
   */
  static received<C extends ErrorCode>(
    code: C,
    sentence: string,
    { details, ...rest }: Omit<LakehouseErrorOptions<unknown>, "quote"> = {},
  ): LakehouseError<C> {
    const at = sentence.indexOf(QUOTE_MARK);
    const quote = at === -1 ? {} : { quote: sentence.slice(at + QUOTE_MARK.length) };
    const message = at === -1 ? sentence : sentence.slice(0, at);
    return new LakehouseError(code, message, { ...rest, ...quote, ...(haveShape(code, details) ? { details } : {}) });
  }

  /** The sentence for the client. */
  get sentence(): string {
    return this.#quote === undefined ? this.message : this.message + QUOTE_MARK + this.#quote;
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  /** The same error, which says more of its circumstances. */
  withDetails(more: Partial<ErrorDetails<C>>): LakehouseError<C> {
    const { code, sentence, retryAfterSeconds } = this;
    return LakehouseError.received(code, sentence, {
      details: { ...this.details, ...more },
      cause: this,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }
}

/** Details that the table says nothing of are passed on as they are. */
function haveShape<C extends ErrorCode>(code: C, details: unknown): details is ErrorDetails<C> {
  const row: ErrorRow = errorTable[code];
  return row.details?.safeParse(details).success ?? details !== undefined;
}

/** True if it is an error of ours with one of these codes; its details then have their shapes. */
export function isLakehouseError<C extends ErrorCode>(error: unknown, ...codes: C[]): error is LakehouseError<C> {
  return error instanceof LakehouseError && codes.some((code) => code === error.code);
}
