import { z } from "zod";
import { schemaConflictDetailsSchema } from "./catalog.ts";

export interface ErrorRow {
  status: number;
  meaning: string;
  details?: z.ZodType;
}

export const requestIssueSchema = z.object({ path: z.string(), message: z.string() });
const issueList = z.array(requestIssueSchema);
/** `corpus` where matrixd searched it. */
const inCorpus = z.object({ corpus: z.string().exactOptional() });
const byteLimit = inCorpus.extend({ limit_bytes: z.int().exactOptional() });
const line = z.object({ line: z.int() });
/** `provider` where the peer is a model's; `position` where one text of a batch is at fault, from 0. */
const upstream = z.object({
  upstream: z.string(),
  provider: z.string().exactOptional(),
  position: z.int().exactOptional(),
});
const upstreamAnswer = upstream.extend({ status: z.int().exactOptional() });

/**
 * Every error a client can meet, once: its stable code, its HTTP status, what it means and the shape of its `details`. A service on the
 * way may add to them.
 * `docs/errors.md` is generated from this table; `packages/server/src/http/error-handler.ts` alone turns a code into a response.
 */
export const errorTable = {
  // Requests in general
  invalid_json: { status: 400, meaning: "The body is not well-formed JSON." },
  invalid_request: {
    status: 400,
    meaning: "The body or query does not fit its schema; `details` lists `{path,message}`.",
    details: issueList,
  },
  unsupported_media_type: { status: 415, meaning: "The route does not take a body of this Content-Type." },
  route_not_found: { status: 404, meaning: "No route has this path." },
  method_not_allowed: { status: 405, meaning: "The path exists with other methods; `Allow` names them." },
  payload_too_large: {
    status: 413,
    meaning: "The body is over the limit; `details.limit_bytes` says which.",
    details: byteLimit,
  },
  unauthorized: { status: 401, meaning: "The bearer token is missing or wrong." },
  forbidden_ip: { status: 403, meaning: "The source address is not in `auth.allowed_ips`." },
  headers_too_large: { status: 431, meaning: "The request's head is over 32 KiB." },
  expectation_failed: { status: 417, meaning: "The request's `Expect` asks for something other than 100-continue." },
  request_timeout: { status: 408, meaning: "The request's head took too long to arrive." },
  token_expired: { status: 401, meaning: "The token was valid until its `expires_at`." },
  forbidden_scope: {
    status: 403,
    meaning: "The token lacks the scope that `details.needs` names.",
    details: z.object({ needs: z.string() }),
  },
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
  upstream_unavailable: {
    status: 502,
    meaning: "A peer could not be reached; `details.upstream` names it.",
    details: upstream,
  },
  upstream_timeout: { status: 504, meaning: "A peer took too long; `details.upstream` names it.", details: upstream },
  bad_upstream_answer: {
    status: 502,
    meaning: "A peer answered something that does not fit its contract.",
    details: upstreamAnswer,
  },
  upstream_error: {
    status: 502,
    meaning:
      "A model's provider answered with an error; `details.status` is its status, and the sentence may quote it.",
    details: upstreamAnswer,
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
  range_not_satisfiable: {
    status: 416,
    meaning: "The Range lies outside the object; `details.size` is its size.",
    details: z.object({ size: z.int() }),
  },
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
    details: z.object({ column: z.string() }),
  },
  dataset_not_found: { status: 404, meaning: "No dataset has this name." },
  schema_conflict: {
    status: 409,
    meaning: "The dataset has another schema; `details` shows the difference. Nothing was altered.",
    details: schemaConflictDetailsSchema,
  },
  name_conflict: {
    status: 409,
    meaning: "A registered name differs from this one only in case, which SQL ignores.",
    details: z.object({ registered: z.string() }),
  },
  object_missing: {
    status: 409,
    meaning: "A listed object was removed as garbage just before; upload it again, then register.",
    details: z.object({ key: z.string() }),
  },
  manifest_damaged: { status: 503, meaning: "The manifest can't be read; it stays on disk and is named at `/ready`." },
  not_loaded: { status: 503, meaning: "The service has not loaded its state yet; its store is out of reach." },

  // ingestd
  empty_csv: { status: 400, meaning: "The file has no header line." },
  ragged_row: {
    status: 400,
    meaning: "A row has more or fewer fields than the header; `details.line`.",
    details: line,
  },
  unterminated_quote: {
    status: 400,
    meaning: "A quoted field never ends; `details.line` is where it starts.",
    details: line,
  },
  invalid_quote: {
    status: 400,
    meaning: "Text follows a closing quote, or a quote stands inside an unquoted field; `details.line`.",
    details: line,
  },
  invalid_encoding: { status: 400, meaning: "The file is not UTF-8; `details.line`.", details: line },
  invalid_header: {
    status: 400,
    meaning: "A column name is empty or repeated (also in another case).",
    details: line.extend({ position: z.int(), column: z.string() }),
  },
  field_too_large: {
    status: 400,
    meaning: "A field or row is over the parser's bound; `details.line` and `details.limit_bytes`.",
    details: line.extend({ limit_bytes: z.int().exactOptional(), limit_columns: z.int().exactOptional() }),
  },
  missing_file: { status: 400, meaning: "The multipart body has no `file` part." },
  type_mismatch: {
    status: 400,
    meaning: "A value does not read as the type that was asked for; `details.line` and `details.column`.",
    details: line.extend({ column: z.string(), type: z.string() }),
  },
  ingest_busy: { status: 503, meaning: "All ingest slots are taken; try again after `Retry-After` seconds." },
  spool_full: { status: 507, meaning: "The spool folder has no room left; nothing was stored." },

  // queryd
  sql_error: {
    status: 400,
    meaning: "DuckDB refused the statement; `details.kind` is its kind of error.",
    details: z.object({ kind: z.string() }),
  },
  statement_not_allowed: { status: 400, meaning: "Only one read-only statement over the datasets is served." },
  query_timeout: {
    status: 504,
    meaning: "The query ran into its time limit and was interrupted.",
    details: z.object({ timeout_ms: z.int() }),
  },
  query_out_of_memory: { status: 503, meaning: "The query needs more than `queryd.memory_limit`." },
  query_busy: {
    status: 503,
    meaning: "All query places and the queue are taken; try again after `Retry-After` seconds.",
  },
  dataset_unavailable: {
    status: 503,
    meaning: "A dataset of the query has objects that can't be read; `GET /sql/datasets` says why.",
    details: z.object({ dataset: z.string(), reason: z.string() }),
  },
  cache_full: {
    status: 503,
    meaning: "The object cache has no room for what the query reads.",
    details: z.object({ size: z.int(), limit_bytes: z.int() }),
  },

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
    details: inCorpus.extend({ position: z.int().exactOptional() }),
  },
  vectors_busy: { status: 503, meaning: "Too much is waiting to be added; try again after `Retry-After` seconds." },

  // pathwayd
  trace_exists: { status: 409, meaning: "A trace of this uid exists, in whichever namespace." },
  trace_not_found: { status: 404, meaning: "No trace has this uid." },
  trace_superseded: {
    status: 409,
    meaning: "The trace was revised already; `details.successor_uid` is the one to revise now.",
    details: z.object({ successor_uid: z.string() }),
  },
  trace_log_busy: { status: 503, meaning: "Too many writes wait for the log; try again after `Retry-After` seconds." },
  trace_log_full: { status: 507, meaning: "The log has no room left on its disk; nothing was changed." },
  trace_log_unavailable: { status: 503, meaning: "The log can't be written; nothing was changed." },

  // matrixd
  corpora_incomparable: {
    status: 400,
    meaning:
      'The corpora differ in dimension or metric, so their distances don\'t compare; `"fusion":"rrf"` merges by rank.',
    details: z.object({ corpora: z.array(z.object({ corpus: z.string(), dimension: z.int(), distance: z.string() })) }),
  },
  corpus_failed: {
    status: 502,
    meaning: "A corpus could not be searched, so nothing is answered; `details` names it, with the cause.",
    details: z.object({
      corpus: z.string(),
      cause: z.object({ code: z.string(), error: z.string(), details: z.unknown().optional() }),
    }),
  },

  // chatd
  provider_not_registered: {
    status: 404,
    meaning: "The model's provider has no key here; `details.provider` names it. No other one is asked instead.",
    details: z.object({ provider: z.string() }),
  },
  provider_busy: {
    status: 503,
    meaning: "Too many calls to the provider are under way; try again after `Retry-After` seconds.",
    details: upstream,
  },
  rate_limited: {
    status: 429,
    meaning: "The token, or the account at a model's provider, made too many requests; wait for `Retry-After` seconds.",
    details: upstreamAnswer,
  },
  quota_exhausted: {
    status: 429,
    meaning: "The account at the provider has no quota or credit left.",
    details: upstreamAnswer,
  },
  empty_completion: {
    status: 502,
    meaning: "The model answered nothing, perhaps because thinking used up `max_tokens`.",
    details: z.object({ provider: z.string(), finish_reason: z.string().nullable() }),
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}

/** An error's `details` of this code; undefined where the table has none. */
export type ErrorDetails<C extends ErrorCode> = C extends ErrorCode
  ? (typeof errorTable)[C] extends { details: infer S extends z.ZodType }
    ? z.input<S>
    : undefined
  : never;

/** One of the `details` of `invalid_request`. */
export type RequestIssue = z.infer<typeof requestIssueSchema>;
