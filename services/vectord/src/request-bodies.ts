import type { IncomingMessage } from "node:http";
import { LakehouseError } from "@lakehouse/core";
import { jsonTypes } from "@lakehouse/server";
import type { FastifyInstance, FastifyReply } from "fastify";
import { BODY_BYTES_IN_FLIGHT_MAX, BUSY_RETRY_SECONDS } from "./limits.ts";

/** Bodies that are parsed in another thread: their bytes are only gathered here, and handed over. */
export class LargeBodies {
  readonly #bytesMax: number;
  #inFlight = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  take(scope: FastifyInstance): void {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(jsonTypes, (_request: unknown, payload: IncomingMessage) => this.#read(payload));
    scope.addHook("preParsing", async ({ headers }, reply) => this.#admit(headers["content-length"], reply));
  }

  /** Before a byte is read; what a body may take counts until its answer is out, or its client gone. */
  #admit(contentLength: string | undefined, reply: FastifyReply): void {
    const bytes = contentLength === undefined ? this.#bytesMax : Number(contentLength);
    if (bytes > this.#bytesMax) throw this.#tooLarge();
    if (this.#inFlight > 0 && this.#inFlight + bytes > BODY_BYTES_IN_FLIGHT_MAX) {
      const options = { retryAfterSeconds: BUSY_RETRY_SECONDS };
      throw new LakehouseError("vectors_busy", "Too much is being added at once.", options);
    }
    this.#inFlight += bytes;
    reply.raw.once("close", () => {
      this.#inFlight -= bytes;
    });
  }

  async #read(payload: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
    let body = new Uint8Array(Number(payload.headers["content-length"] ?? 0));
    let length = 0;
    // A payload that is destroyed takes its connection with it, and the refusal is never read.
    for await (const chunk of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const end = length + chunk.length;
      if (end > this.#bytesMax) throw this.#tooLarge();
      if (end > body.length) body = enlarged(body, 2 * end);
      body.set(chunk, length);
      length = end;
    }
    return body.subarray(0, length);
  }

  #tooLarge(): LakehouseError {
    const limit_bytes = this.#bytesMax;
    return new LakehouseError("payload_too_large", `The body is over ${limit_bytes} bytes.`, {
      details: { limit_bytes },
    });
  }
}

/** A body without a Content-Length. */
function enlarged(body: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(body);
  return larger;
}
