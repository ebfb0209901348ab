import { httpCall } from "@lakehouse/testing";
import type { Daemon } from "../daemon.ts";
import type { Lakehouse } from "../lakehouse.ts";
import { type BrokenRequest, brokenRequests, canaryKey } from "./broken-requests.ts";
import { crashesOf, type FuzzReport } from "./fuzz-api.ts";
import { faultOf } from "./judge.ts";
import { rawExchange } from "./raw-exchange.ts";

const ANSWER_MS_MAX = 60_000;

/**
 * Sends every request that is none to every service. None may hang, crash or leak; and none may be read by the gateway as one
 * request and by the service behind it as two: then the canary would be gone.
 */
export async function sendBrokenRequests(lakehouse: Lakehouse): Promise<FuzzReport> {
  const { daemons, url } = lakehouse;
  const { storaged, ...others } = daemons;
  const report: FuzzReport = { requests: 0, statuses: {}, findings: [] };
  await httpCall("PUT", url, `/v1/storage/put/${canaryKey}`, { body: "sings" });
  for (const { words, bytes } of brokenRequests) {
    await Promise.all(Object.values(others).map((daemon) => sendBroken(lakehouse, daemon, { words, bytes }, report)));
    const { status } = await httpCall("GET", url, `/v1/storage/get/${canaryKey}`);
    if (status !== 200) report.findings.push(`smuggled: the canary is gone (${status})\n    ${words}`);
  }
  // Last, since it may well read some of them as two requests, the second of which is a good one.
  for (const broken of brokenRequests) await sendBroken(lakehouse, storaged, broken, report);
  report.findings.push(...crashesOf(lakehouse));
  return report;
}

async function sendBroken(
  { folder }: Lakehouse,
  { name, url }: Daemon,
  { words, bytes }: BrokenRequest,
  report: FuzzReport,
) {
  const outcome = await rawExchange(url, bytes, ANSWER_MS_MAX, { isEnded: true });
  const status = typeof outcome === "string" ? outcome : String(outcome.status);
  report.requests += 1;
  report.statuses[status] = (report.statuses[status] ?? 0) + 1;
  // Who breaks off may be left without a word.
  const fault = outcome === "closed" ? undefined : faultOf(outcome, { deadPeers: false }, [folder]);
  if (fault !== undefined) report.findings.push(`${name}: ${fault}\n    ${words}`);
}
