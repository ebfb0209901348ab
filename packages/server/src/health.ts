import type { Ready, ReadyCheck } from "@lakehouse/contracts";
import type { FastifyInstance } from "fastify";

export type Readiness = () => Promise<Record<string, ReadyCheck>> | Record<string, ReadyCheck>;

/** `/health`: the process answers. `/ready`: it can do its work, or says which part it can't. */
export function addHealth(app: FastifyInstance, service: string, readiness: Readiness): void {
  app.get("/health", async () => ({ status: "ok", service }));
  app.get("/ready", async (_request, reply): Promise<Ready> => {
    const checks = await readiness();
    const status = overall(Object.values(checks));
    reply.code(status === "unavailable" ? 503 : 200);
    return { status, service, checks };
  });
}

function overall(checks: ReadyCheck[]): Ready["status"] {
  if (checks.some(({ status }) => status === "unavailable")) return "unavailable";
  return checks.some(({ status }) => status === "degraded") ? "degraded" : "ok";
}
