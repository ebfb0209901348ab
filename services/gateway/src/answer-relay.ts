import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { isSilence } from "@lakehouse/clients";
import type { ServiceName } from "@lakehouse/contracts";
import { LakehouseError, type Span } from "@lakehouse/core";
import type { FastifyReply } from "fastify";
import type { Dispatcher } from "undici";
import { endToEnd } from "./end-to-end-headers.ts";

interface UpstreamCall {
  service: ServiceName;
  /** The head of the answer is on its way to the client. */
  started: () => void;
  /** None will come. */
  failed: (error: LakehouseError) => void;
  /** Where traces are on. */
  span: Span | undefined;
}

/**
 * Hands an upstream's answer to the client as it comes, at the client's pace. Without a stream between the two sockets: most
 * answers are one small piece, and two streams cost more than all the rest of a hop.
 */
export class AnswerRelay implements Dispatcher.DispatchHandler {
  readonly #reply: FastifyReply;
  readonly #client: ServerResponse;
  readonly #call: UpstreamCall;
  #upstream: Dispatcher.DispatchController | undefined;

  constructor(reply: FastifyReply, call: UpstreamCall) {
    this.#reply = reply;
    this.#client = reply.raw;
    this.#call = call;
    this.#client.once("close", () => this.#leaveIfUnfinished());
  }

  onRequestStart(upstream: Dispatcher.DispatchController): void {
    this.#upstream = upstream;
    if (this.#client.destroyed) this.#leaveIfUnfinished();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return; // `forward` has told the client what it needs to know of 100-continue.
    this.#reply.hijack();
    const ours = this.#reply.getHeaders() as OutgoingHttpHeaders;
    // Ours is `Origin` alone; every other header of the same name is replaced.
    const vary = headers.vary === undefined ? {} : { vary: `${String(ours["vary"])}, ${headers.vary}` };
    this.#client.writeHead(status, { ...ours, ...endToEnd(headers), ...vary });
    this.#call.started();
  }

  onResponseData(upstream: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#client.write(chunk)) return;
    upstream.pause();
    this.#client.once("drain", () => upstream.resume());
  }

  onResponseEnd(): void {
    this.#call.span?.end({ status: this.#client.statusCode });
    this.#client.end();
  }

  /** What has begun can't be taken back: the connection breaks, so that the answer can't be read as a complete one. */
  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    const error = explain(cause, this.#call.service);
    this.#call.span?.end({ error: error.code });
    if (this.#client.headersSent) this.#client.destroy();
    else this.#call.failed(error);
  }

  #leaveIfUnfinished(): void {
    if (this.#client.writableFinished) return;
    this.#upstream?.abort(new LakehouseError("client_closed_request", "The client went away."));
  }
}

function explain(error: Error, service: ServiceName): LakehouseError {
  if (error instanceof LakehouseError) return error;
  const details = { upstream: service };
  if (isSilence(error)) {
    return new LakehouseError("upstream_timeout", `${service} took too long to answer.`, { details, cause: error });
  }
  return new LakehouseError("upstream_unavailable", `${service} can't be reached.`, { details, cause: error });
}
