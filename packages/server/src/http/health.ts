import type { Ready, ReadyCheck } from "@lakehouse/contracts";
import { seesAllDatasets } from "@lakehouse/core";
import type { FastifyInstance } from "fastify";
import { Gauge } from "prom-client";
import type { Platform } from "../process/platform.ts";

export type Readiness = () => Promise<Record<string, ReadyCheck>> | Record<string, ReadyCheck>;

/** How old what `/metrics` says of readiness may be before it is asked anew. */
const READINESS_MS_MAX = 5_000;

/** `/health`: the process answers. `/ready`: it can do its work, or says which part it can't; in `/metrics` too, to be alerted on. */
export function addHealth(app: FastifyInstance, { service, registry }: Platform, readiness: Readiness): void {
  const gauge = new ReadinessGauge(registry, readiness);
  app.get("/health", async () => ({ status: "ok", service }));
  app.get("/ready", async (request, reply): Promise<Ready> => {
    const asked = await gauge.ask();
    // What is damaged is named by its dataset, which need not exist for everybody.
    const checks = seesAllDatasets(request.identity?.caller) ? asked : withoutNames(asked);
    const status = overall(Object.values(checks));
    reply.code(status === "unavailable" ? 503 : 200);
    return { status, service, checks };
  });
}

function withoutNames(checks: Record<string, ReadyCheck>): Record<string, ReadyCheck> {
  return Object.fromEntries(Object.entries(checks).map(([name, { status }]) => [name, { status }]));
}

const figures = { ok: 1, degraded: 0.5, unavailable: 0 };

/** What was last known of readiness. A scrape never waits for peers: it has them asked, for the next one. */
class ReadinessGauge {
  readonly #readiness: Readiness;
  #known: Record<string, ReadyCheck> = {};
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(registry: Platform["registry"], readiness: Readiness) {
    this.#readiness = readiness;
    const gauge = new Gauge({
      name: "ready_check",
      help: "The checks of /ready: 1 ok, 0.5 degraded, 0 unavailable.",
      labelNames: ["check"],
      registers: [registry],
      collect: () => {
        gauge.reset();
        for (const [check, { status }] of Object.entries(this.#current())) gauge.set({ check }, figures[status]);
      },
    });
  }

  async ask(): Promise<Record<string, ReadyCheck>> {
    this.#askedAt = performance.now();
    this.#known = await this.#readiness();
    return this.#known;
  }

  #current(): Record<string, ReadyCheck> {
    // What fails here fails at /ready too, where somebody hears of it.
    if (performance.now() - this.#askedAt > READINESS_MS_MAX) void this.ask().catch(() => undefined);
    return this.#known;
  }
}

function overall(checks: ReadyCheck[]): Ready["status"] {
  if (checks.some(({ status }) => status === "unavailable")) return "unavailable";
  return checks.some(({ status }) => status === "degraded") ? "degraded" : "ok";
}
