/**
 * Every error a client can meet, once: its stable code, its HTTP status and what it means.
 * `docs/errors.md` is generated from this table; `packages/server/src/error-handler.ts` alone turns a code into a response.
 */
export const errorTable = {
  // Requests in general
  invalid_json: { status: 400, meaning: "The body is not well-formed JSON." },
  invalid_request: {
    status: 400,
    meaning: "The body or query does not fit its schema; `details` lists `{path,message}`.",
  },
  unsupported_media_type: { status: 415, meaning: "The route does not take a body of this Content-Type." },
  route_not_found: { status: 404, meaning: "No route has this path." },
  method_not_allowed: { status: 405, meaning: "The path exists with other methods; `Allow` names them." },
  payload_too_large: { status: 413, meaning: "The body is over the limit; `details.limit_bytes` says which." },
  unauthorized: { status: 401, meaning: "The bearer token is missing or wrong." },
  forbidden_ip: { status: 403, meaning: "The source address is not in `auth.allowed_ips`." },
  headers_too_large: { status: 431, meaning: "The request's head is over 32 KiB." },
  expectation_failed: { status: 417, meaning: "The request's `Expect` asks for something other than 100-continue." },
  request_timeout: { status: 408, meaning: "The request's head took too long to arrive." },
  token_expired: { status: 401, meaning: "The token was valid until its `expires_at`." },
  forbidden_scope: { status: 403, meaning: "The token lacks the scope that `details.needs` names." },
  forbidden_dataset: { status: 403, meaning: "The token may not write a dataset of this name." },
  forbidden_host: {
    status: 403,
    meaning: "The request's `Host` is not one of ours. `server.hosts` lists further names.",
  },
  forbidden_origin: {
    status: 403,
    meaning: "A web page of another site sent the request. `server.origins` lists those that may.",
  },
  client_closed_request: { status: 499, meaning: "The client went away before the answer; seen in logs only." },
  shutting_down: { status: 503, meaning: "The service is stopping; ask again in a moment." },
  internal_error: { status: 500, meaning: "A fault of ours. The log line with this request_id has the cause." },

  // Peers
  upstream_unavailable: { status: 502, meaning: "A peer could not be reached; `details.upstream` names it." },
  upstream_timeout: { status: 504, meaning: "A peer took too long; `details.upstream` names it." },
  bad_upstream_answer: { status: 502, meaning: "A peer answered something that does not fit its contract." },
  upstream_error: {
    status: 502,
    meaning:
      "A model's provider answered with an error; `details.status` is its status, and the sentence may quote it.",
  },

  // storaged
  invalid_key: { status: 400, meaning: "The object key is not allowed; the message says why." },
  key_not_found: { status: 404, meaning: "No object has this key." },
  key_conflict: {
    status: 409,
    meaning: "On the fs store: the key needs a folder where an object stands, or the reverse.",
  },
  reserved_key: {
    status: 403,
    meaning: "Only services, and tokens with the scope `admin`, write and delete keys under this prefix.",
  },
  bucket_not_found: { status: 404, meaning: "No bucket of this name is configured." },
  range_not_satisfiable: { status: 416, meaning: "The Range lies outside the object; `details.size` is its size." },
  storage_busy: { status: 503, meaning: "All PUT slots are taken; try again after `Retry-After` seconds." },
  storage_full: { status: 507, meaning: "The store has no room left; nothing was written." },
  storage_unavailable: {
    status: 503,
    meaning: "The object store can't be reached or refuses our credentials; nothing was changed.",
  },

  // catalogd
  invalid_name: { status: 400, meaning: "Names are 1 to 128 of `[A-Za-z0-9_.-]`, first a letter, digit or `_`." },
  invalid_fingerprint: {
    status: 400,
    meaning: "A schema fingerprint is spelled like a name; ingestd's is a SHA-256 in hexadecimal.",
  },
  invalid_type: {
    status: 400,
    meaning: "A column's type is not one that queryd knows; `details.column` names the column.",
  },
  dataset_not_found: { status: 404, meaning: "No dataset has this name." },
  schema_conflict: {
    status: 409,
    meaning: "The dataset has another schema; `details` shows the difference. Nothing was altered.",
  },
  name_conflict: { status: 409, meaning: "A registered name differs from this one only in case, which SQL ignores." },
  object_missing: {
    status: 409,
    meaning: "A listed object was removed as garbage just before; upload it again, then register.",
  },
  manifest_damaged: { status: 503, meaning: "The manifest can't be read; it stays on disk and is named at `/ready`." },
  not_loaded: { status: 503, meaning: "The service has not loaded its state yet; its store is out of reach." },

  // ingestd
  empty_csv: { status: 400, meaning: "The file has no header line." },
  ragged_row: { status: 400, meaning: "A row has more or fewer fields than the header; `details.line`." },
  unterminated_quote: { status: 400, meaning: "A quoted field never ends; `details.line` is where it starts." },
  invalid_quote: {
    status: 400,
    meaning: "Text follows a closing quote, or a quote stands inside an unquoted field; `details.line`.",
  },
  invalid_encoding: { status: 400, meaning: "The file is not UTF-8; `details.line`." },
  invalid_header: { status: 400, meaning: "A column name is empty or repeated (also in another case)." },
  field_too_large: {
    status: 400,
    meaning: "A field or row is over the parser's bound; `details.line` and `details.limit_bytes`.",
  },
  missing_file: { status: 400, meaning: "The multipart body has no `file` part." },
  type_mismatch: {
    status: 400,
    meaning: "A value does not read as the type that was asked for; `details.line` and `details.column`.",
  },
  ingest_busy: { status: 503, meaning: "All ingest slots are taken; try again after `Retry-After` seconds." },
  spool_full: { status: 507, meaning: "The spool folder has no room left; nothing was stored." },

  // queryd
  sql_error: { status: 400, meaning: "DuckDB refused the statement; `details.kind` is its kind of error." },
  statement_not_allowed: { status: 400, meaning: "Only one read-only statement over the datasets is served." },
  query_timeout: { status: 504, meaning: "The query ran into its time limit and was interrupted." },
  query_out_of_memory: { status: 503, meaning: "The query needs more than `queryd.memory_limit`." },
  query_busy: {
    status: 503,
    meaning: "All query places and the queue are taken; try again after `Retry-After` seconds.",
  },
  dataset_unavailable: {
    status: 503,
    meaning: "A dataset of the query has objects that can't be read; `GET /sql/datasets` says why.",
  },
  cache_full: { status: 503, meaning: "The object cache has no room for what the query reads." },

  // vectord
  index_exists: { status: 409, meaning: "An index of this name exists, served or damaged." },
  index_not_found: { status: 404, meaning: "No index has this name." },
  index_damaged: {
    status: 503,
    meaning: "The index's file or log can't be read; it stays in the store, is named at `/ready`, and can be deleted.",
  },
  item_not_found: { status: 404, meaning: "The index has no item with this id." },
  invalid_vector: {
    status: 400,
    meaning:
      "A vector or an id is not one that the index can take; `details.position` is its place in `items`, from 0.",
  },
  vectors_busy: { status: 503, meaning: "Too much is waiting to be added; try again after `Retry-After` seconds." },

  // pathwayd
  trace_exists: { status: 409, meaning: "A trace of this uid exists, in whichever namespace." },
  trace_not_found: { status: 404, meaning: "No trace has this uid." },
  trace_superseded: {
    status: 409,
    meaning: "The trace was revised already; `details.successor_uid` is the one to revise now.",
  },
  trace_log_busy: { status: 503, meaning: "Too many writes wait for the log; try again after `Retry-After` seconds." },
  trace_log_full: { status: 507, meaning: "The log has no room left on its disk; nothing was changed." },
  trace_log_unavailable: { status: 503, meaning: "The log can't be written; nothing was changed." },

  // matrixd
  corpora_incomparable: {
    status: 400,
    meaning:
      'The corpora differ in dimension or metric, so their distances don\'t compare; `"fusion":"rrf"` merges by rank.',
  },
  corpus_failed: {
    status: 502,
    meaning: "A corpus could not be searched, so nothing is answered; `details` names it, with the cause.",
  },

  // chatd
  provider_not_registered: {
    status: 404,
    meaning: "The model's provider has no key here; `details.provider` names it. No other one is asked instead.",
  },
  provider_busy: {
    status: 503,
    meaning: "Too many calls to the provider are under way; try again after `Retry-After` seconds.",
  },
  rate_limited: {
    status: 429,
    meaning: "The token, or the account at a model's provider, made too many requests; wait for `Retry-After` seconds.",
  },
  quota_exhausted: { status: 429, meaning: "The account at the provider has no quota or credit left." },
  empty_completion: {
    status: 502,
    meaning: "The model answered nothing, perhaps because thinking used up `max_tokens`.",
  },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ErrorCode = keyof typeof errorTable;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}

/** `details` of `invalid_request`. */
export interface RequestIssue {
  path: string;
  message: string;
}

interface LakehouseErrorOptions {
  details?: unknown;
  /** What a provider said of it: sent after the sentence, never logged, since it may repeat what was asked. */
  quote?: string;
  /** Seconds for a `Retry-After` header. */
  retryAfterSeconds?: number;
  /** What went wrong beneath; logged, never sent. */
  cause?: unknown;
}

/** Between our sentence and the quote, so that a peer can tell the two apart again. */
const QUOTE_MARK = " It says: ";

/** The one error that domains throw: a code of the table and a sentence for a person. */
export class LakehouseError extends Error {
  readonly code: ErrorCode;
  readonly details: unknown;
  readonly retryAfterSeconds: number | undefined;
  readonly #quote: string | undefined;

  constructor(code: ErrorCode, message: string, options: LakehouseErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "LakehouseError";
    this.code = code;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.#quote = options.quote;
  }

  /** A peer's error anew: what its sentence quotes stays out of the log here too. */
  static ofSentence(code: ErrorCode, sentence: string, options: Omit<LakehouseErrorOptions, "quote"> = {}) {
    const at = sentence.indexOf(QUOTE_MARK);
    if (at === -1) return new LakehouseError(code, sentence, options);
    const quote = sentence.slice(at + QUOTE_MARK.length);
    return new LakehouseError(code, sentence.slice(0, at), { ...options, quote });
  }

  /** The sentence for the client. */
  get sentence(): string {
    return this.#quote === undefined ? this.message : this.message + QUOTE_MARK + this.#quote;
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  /** The same error, which says more of its circumstances. */
  withDetails(more: object): LakehouseError {
    const { code, sentence, retryAfterSeconds } = this;
    return LakehouseError.ofSentence(code, sentence, {
      details: { ...(this.details as object | undefined), ...more },
      cause: this,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }
}
