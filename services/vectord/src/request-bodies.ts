import type { IncomingMessage } from "node:http";
import { LakehouseError } from "@lakehouse/contracts";
import type { FastifyInstance } from "fastify";
import { BODY_BYTES_IN_FLIGHT_MAX, BUSY_RETRY_SECONDS } from "./limits.ts";
import { parseJson } from "./parser/parse-batch.ts";

/** JSON, also where curl calls it something else. */
const jsonTypes = ["application/json", "text/plain", "application/x-www-form-urlencoded"];

/** Small bodies are parsed here: any key of theirs is a key, also `__proto__`, which Fastify's own parser refuses. */
export function takeJson(scope: FastifyInstance, bodyLimit: number): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(jsonTypes, { parseAs: "buffer", bodyLimit }, async (_request: unknown, body: Buffer) =>
    parseJson(body),
  );
}

/** Bodies that are parsed in another thread: into shared memory as they come, so that nothing large is ever copied here. */
export class LargeBodies {
  readonly #bytesMax: number;
  #inFlight = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  take(scope: FastifyInstance): void {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(jsonTypes, (_request: unknown, payload: IncomingMessage) => this.#read(payload));
    scope.addHook("preParsing", async (request) => {
      const length = Number(request.headers["content-length"] ?? 0);
      if (length > this.#bytesMax) throw this.#tooLarge();
    });
  }

  /** Runs work on a body; it counts as under way until that is done. */
  async hold<T>(body: Uint8Array, work: () => Promise<T>): Promise<T> {
    if (this.#inFlight + body.length > BODY_BYTES_IN_FLIGHT_MAX) {
      const options = { retryAfterSeconds: BUSY_RETRY_SECONDS };
      throw new LakehouseError("vectors_busy", "Too much is being added at once.", options);
    }
    this.#inFlight += body.length;
    try {
      return await work();
    } finally {
      this.#inFlight -= body.length;
    }
  }

  async #read(payload: IncomingMessage): Promise<Uint8Array> {
    const expected = Number(payload.headers["content-length"] ?? 0);
    const shared = new SharedArrayBuffer(expected, { maxByteLength: this.#bytesMax });
    let length = 0;
    for await (const chunk of payload as AsyncIterable<Buffer>) {
      const end = length + chunk.length;
      if (end > this.#bytesMax) throw this.#tooLarge();
      if (end > shared.byteLength) shared.grow(Math.min(this.#bytesMax, 2 * end));
      new Uint8Array(shared, length, chunk.length).set(chunk);
      length = end;
    }
    return new Uint8Array(shared, 0, length);
  }

  #tooLarge(): LakehouseError {
    const limit_bytes = this.#bytesMax;
    return new LakehouseError("payload_too_large", `The body is over ${limit_bytes} bytes.`, {
      details: { limit_bytes },
    });
  }
}
