import type { FastifyInstance } from "fastify";

/**
 * A client that sends `Expect: 100-continue` (curl does) waits for our word, so an upload that is refused is never sent.
 * A route that reads its body writes it: `reply.raw.writeContinue()`.
 */
export function leaveContinueToTheRoutes(app: FastifyInstance): void {
  app.server.on("checkContinue", (request, response) => app.server.emit("request", request, response));
}
