import { Readable } from "node:stream";
import type { Logger } from "@lakehouse/server";
import { type Answer, endUnheard, withFirst } from "./answer.ts";
import type { Query } from "./query.ts";

/** The answer as a stream, which ends with the query's signal, and ends the query when it closes. */
export function answerStream({ first, rest }: Answer, { context, clock }: Query, logger: Logger): Readable {
  const { signal, requestId } = context;
  const body = Readable.from(withFirst(first, rest), { objectMode: false });
  const onAbort = () => body.destroy(signal.reason as Error);
  signal.addEventListener("abort", onAbort);
  body.once("close", () => {
    signal.removeEventListener("abort", onAbort);
    clock.stop();
    endUnheard(rest); // a stream that nobody has begun to read would not end it
  });
  body.on("error", (error) => {
    logger.warn({ err: error, request_id: requestId }, "a result broke off behind its first bytes");
  });
  return body;
}
