import type { FastifyInstance } from "fastify";
import { authentication } from "../auth/authentication.ts";
import type { Platform } from "../process/platform.ts";
import { cors } from "./cors.ts";
import { doors } from "./doors.ts";

/**
 * Decides who may come in: doors, then CORS, since a preflight has no token, then authentication. `/health` is open to everybody.
 * One hook without a promise for all three: every request pays for it.
 * @param isEdge clients call, not peers: they get CORS answers, and nobody is believed about who asked
 */
export function addGate(app: FastifyInstance, platform: Platform, isEdge: boolean): void {
  const checkDoors = doors(platform);
  const answerCors = isEdge ? cors(platform.config.server.origins) : () => false;
  const authenticate = authentication(platform.auth, isEdge);
  app.decorateRequest("identity", undefined);
  app.addHook("onRequest", (request, reply, done) => {
    const { url, config } = request.routeOptions;
    const isOpen = url === "/health";
    try {
      if (!isOpen) checkDoors(request);
      if (answerCors(request, reply)) return;
      if (!isOpen) authenticate(request, reply, config.scope ?? "any");
    } catch (error) {
      return done(error as Error);
    }
    done();
  });
}
