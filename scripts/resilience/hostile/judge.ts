import { type ErrorCode, errorBodySchema, errorTable, isErrorCode } from "@lakehouse/contracts";
import type { ApiRoute } from "@lakehouse/contracts/api";
import type { Outcome, RawAnswer } from "./raw-exchange.ts";

/** Codes of 5xx that a request may be answered with where all of ours runs and something that is not ours does not. */
export interface Expectation {
  /** The route whose shape of errors counts; none where the request reaches no route. */
  route?: ApiRoute;
  /** Peers that are truly out of reach. */
  deadPeers: boolean;
}

/** What is told to no client: where things lie on this machine, and how the code was called. */
const leaks = [/\bat [\w.<>]+ \(/, /node_modules/, /\.ts:\d+/, /node:internal/, /TypeError|RangeError|ReferenceError/];

/** What is wrong with an answer to hostile input; undefined where nothing is. */
export function faultOf(
  outcome: Outcome,
  { route, deadPeers }: Expectation,
  secrets: readonly string[],
): string | undefined {
  if (outcome === "hung") return "no answer, and the connection stays open";
  if (outcome === "closed") return "closed without an answer";
  const { status, headers, body } = outcome;
  const isOfPeers = status === 502 || status === 504;
  const isAllowed = status < 500 || status === 503 || (isOfPeers && (deadPeers || isOfContract(body)));
  if (!isAllowed) return `status ${status}: ${body.toString("utf8", 0, 300)}`;
  if (status < 400) return undefined;
  const text = body.toString();
  const leak = leaks.find((pattern) => pattern.test(text)) ?? secrets.find((secret) => text.includes(secret));
  if (leak !== undefined) return `the answer shows ${String(leak)}: ${text.slice(0, 300)}`;
  if (route?.method === "HEAD" || isReadiness(route)) return undefined;
  return envelopeFault(status, headers, text, route);
}

/** A corpus that a search names and that is not there: the contract says 502. */
function isOfContract(body: Buffer): boolean {
  return body.includes('"corpus_failed"');
}

/** `/ready` is 503 in a shape of its own. */
function isReadiness(route: ApiRoute | undefined): boolean {
  return route?.path === "/ready";
}

function envelopeFault(status: number, headers: RawAnswer["headers"], text: string, route: ApiRoute | undefined) {
  const parsed = parseJson(text);
  if (route?.errorShape?.safeParse(parsed).success) return undefined;
  const body = errorBodySchema.strict().safeParse(parsed);
  if (!body.success) return `status ${status} without our envelope: ${text.slice(0, 300)}`;
  const { code, request_id } = body.data;
  if (!isErrorCode(code)) return `an unknown code ${code}`;
  if (errorTable[code as ErrorCode].status !== status) return `${code} with status ${status}`;
  if (request_id !== headers["x-request-id"]) return `request_id ${request_id} is not the header's`;
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no envelope, as the caller says
  }
}
