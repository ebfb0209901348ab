import { Readable } from "node:stream";
import { explainError, type Logger, type RenderError } from "@lakehouse/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import { EVENTS_BUFFER_BYTES } from "./limits.ts";

/** Where a failure amid a stream is told and logged. */
export interface StreamFailures {
  request: FastifyRequest;
  logger: Logger;
  render: RenderError;
}

const headers = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no", // nginx would gather the events
};

/**
 * Sends values as server-sent events and `[DONE]` after the last; a client that reads slowly slows their source down. A failure amid
 * them is an `error` event, and nothing follows it.
 * @throws what the source throws before its first value, so that it is answered as any error is
 */
export async function sendEvents(
  reply: FastifyReply,
  values: AsyncGenerator<object>,
  failures: StreamFailures,
): Promise<FastifyReply> {
  const first = await values.next();
  const events = Readable.from(rendered(first, values, failures), {
    objectMode: false,
    highWaterMark: EVENTS_BUFFER_BYTES,
  });
  return reply.headers(headers).send(events);
}

async function* rendered(
  first: IteratorResult<object>,
  rest: AsyncGenerator<object>,
  { request, logger, render }: StreamFailures,
): AsyncGenerator<string> {
  try {
    if (!first.done) yield event(first.value);
    for await (const value of rest) yield event(value);
    yield "data: [DONE]\n\n";
  } catch (error) {
    const known = explainError(error, request, logger);
    yield `event: error\n${event(render(known, request.id))}`;
  } finally {
    await rest.return(undefined); // also where the client has left before the second value
  }
}

function event(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
