import type { ServiceHealth, Status } from "@lakehouse/contracts";
import { type RequestContext, withSignals } from "@lakehouse/core";
import type { Upstream, Upstreams } from "./upstreams.ts";

/** Longest that one service is waited for; the answer is as slow as the slowest. */
const HEALTH_MS_MAX = 2_000;

/** Asks every service for its health at once. */
export async function gatherStatus(upstreams: Upstreams, context: RequestContext): Promise<Status> {
  const services = Object.fromEntries(
    await Promise.all(
      Object.values(upstreams).map(async (one) => [one.service, await healthOf(one, context)] as const),
    ),
  );
  const healthy = Object.values(services).every(({ status }) => status === "ok");
  return { status: healthy ? "ok" : "degraded", services };
}

async function healthOf({ pool, basePath, url }: Upstream, context: RequestContext): Promise<ServiceHealth> {
  const started = performance.now();
  try {
    const { statusCode, body } = await pool.request({
      method: "GET",
      path: `${basePath}/health`,
      headers: {
        "x-request-id": context.requestId,
        ...(context.traceparent === undefined ? {} : { traceparent: context.traceparent }),
      },
      signal: withSignals(context, AbortSignal.timeout(HEALTH_MS_MAX)).signal,
    });
    await body.dump();
    const latency_ms = Math.round((performance.now() - started) * 1_000) / 1_000;
    return statusCode === 200 ? { status: "ok", url, latency_ms } : unavailable(url, `answered ${statusCode}`);
  } catch {
    return unavailable(url, "can't be reached"); // whatever the cause, this is what a person needs to know
  }
}

function unavailable(url: string, error: string): ServiceHealth {
  return { status: "unavailable", url, error };
}
