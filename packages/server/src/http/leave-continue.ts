import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/**
 * A client that sends `Expect: 100-continue` (curl does) waits for our word, so an upload that is refused is never sent.
 * A route that reads its body gives it with `sendContinue`.
 */
export function leaveContinueToTheRoutes(app: FastifyInstance): void {
  app.server.on("checkContinue", (request, response) => app.server.emit("request", request, response));
}

/** Asks the client for the body that it holds back; call it once nothing can refuse the body any more. */
export function sendContinue({ headers }: FastifyRequest, reply: FastifyReply): void {
  if (headers.expect !== undefined) reply.raw.writeContinue();
}
