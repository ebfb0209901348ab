import { apiRoutes } from "@lakehouse/contracts/api";
import type { Lakehouse } from "../lakehouse.ts";
import { Random } from "../random.ts";
import { type HostileRequest, hostileRequest } from "./fuzz-routes.ts";
import { faultOf } from "./judge.ts";
import { rawExchange } from "./raw-exchange.ts";

/** Generous, since a busy machine is slow; a hang is for ever. */
const ANSWER_MS_MAX = 60_000;
const AT_ONCE = 8;

export interface FuzzReport {
  requests: number;
  /** How many answers had each status. */
  statuses: Record<string, number>;
  findings: string[];
}

export interface FuzzOptions {
  seed: number;
  /** How many at each route. */
  requestsPerRoute: number;
  /** Services whose own peers run nowhere, such as an Ollama. */
  withDeadPeers: readonly string[];
}

/** Sends hostile requests to every route of the API, at the gateway and at the service itself, and judges each answer. */
export async function fuzzApi(lakehouse: Lakehouse, options: FuzzOptions): Promise<FuzzReport> {
  const random = new Random(options.seed);
  const report: FuzzReport = { requests: 0, statuses: {}, findings: [] };
  const requests = Array.from({ length: options.requestsPerRoute }).flatMap(() =>
    apiRoutes.map((route) => ({ ...hostileRequest(route, random), isDirect: random.chance(0.4) })),
  );
  const queue = requests.values();
  const work = async () => {
    for (const request of queue) await send(lakehouse, request, options, report);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  report.findings.push(...crashesOf(lakehouse));
  return report;
}

async function send(
  { daemons, url, folder }: Lakehouse,
  { route, words, bytes, isDirect }: HostileRequest & { isDirect: boolean },
  { withDeadPeers }: FuzzOptions,
  report: FuzzReport,
): Promise<void> {
  const isForwarded = route.service !== "gateway";
  const at = isDirect && isForwarded ? daemons[route.service].url : url;
  const outcome = await rawExchange(at, at === url ? bytes : withoutPrefix(bytes), ANSWER_MS_MAX);
  const status = typeof outcome === "string" ? outcome : String(outcome.status);
  report.requests += 1;
  report.statuses[status] = (report.statuses[status] ?? 0) + 1;
  const fault = faultOf(outcome, { route, deadPeers: withDeadPeers.includes(route.service) }, [folder]);
  if (fault !== undefined)
    report.findings.push(`${route.service} ${at === url ? "by the gateway" : "itself"}: ${fault}\n    ${words}`);
}

/** The services serve the bare path. */
function withoutPrefix([head = Buffer.alloc(0), ...rest]: Buffer[]): Buffer[] {
  return [Buffer.from(head.toString("latin1").replace(/^(\w+) \/v1\//, "$1 /"), "latin1"), ...rest];
}

export function crashesOf({ daemons }: Lakehouse): string[] {
  return Object.values(daemons).flatMap(({ crashes }) => crashes);
}
