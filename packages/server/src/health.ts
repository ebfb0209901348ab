import type { Ready, ReadyCheck } from "@lakehouse/contracts";
import type { FastifyInstance } from "fastify";
import { Gauge } from "prom-client";
import type { Platform } from "./platform.ts";

export type Readiness = () => Promise<Record<string, ReadyCheck>> | Record<string, ReadyCheck>;

/** `/health`: the process answers. `/ready`: it can do its work, or says which part it can't; in `/metrics` too, to be alerted on. */
export function addHealth(app: FastifyInstance, { service, registry }: Platform, readiness: Readiness): void {
  countReadiness(registry, readiness);
  app.get("/health", async () => ({ status: "ok", service }));
  app.get("/ready", async (_request, reply): Promise<Ready> => {
    const checks = await readiness();
    const status = overall(Object.values(checks));
    reply.code(status === "unavailable" ? 503 : 200);
    return { status, service, checks };
  });
}

const readyValues = { ok: 1, degraded: 0.5, unavailable: 0 };

function countReadiness(registry: Platform["registry"], readiness: Readiness): void {
  new Gauge({
    name: "ready_check",
    help: "The checks of /ready: 1 ok, 0.5 degraded, 0 unavailable.",
    labelNames: ["check"],
    registers: [registry],
    async collect() {
      this.reset();
      for (const [check, { status }] of Object.entries(await readiness())) this.set({ check }, readyValues[status]);
    },
  });
}

function overall(checks: ReadyCheck[]): Ready["status"] {
  if (checks.some(({ status }) => status === "unavailable")) return "unavailable";
  return checks.some(({ status }) => status === "degraded") ? "degraded" : "ok";
}
