import { Readable } from "node:stream";
import { wrongLength } from "../objects/storage-errors.ts";

/**
 * A body on its way to the server, chunk by chunk as it comes. Its signal aborts where the body fails, or has another length than was
 * said, and where the server falls silent: while it is to take a chunk, or to answer. A client may be as slow as it likes.
 */
export class StreamedBody {
  readonly stream: Readable;
  readonly #abort = new AbortController();
  readonly #silence: NodeJS.Timeout;
  #isBegun = false;
  #isServersTurn = true as boolean;

  constructor(body: AsyncIterable<Uint8Array>, size: number, silenceMs: number) {
    this.#silence = setTimeout(() => {
      if (this.#isServersTurn) this.#abort.abort(silent(silenceMs));
    }, silenceMs);
    this.stream = Readable.from(this.#chunks(body, size));
    this.stream.on("error", (error) => this.#abort.abort(error));
  }

  /** Aborts with what went wrong. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** True once a byte may be gone, so that the body can't be sent again. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  end(): void {
    clearTimeout(this.#silence);
    this.stream.destroy();
  }

  async *#chunks(body: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array, void> {
    this.#isBegun = true;
    this.#isServersTurn = false;
    let sent = 0;
    for await (const chunk of body) {
      sent += chunk.length;
      if (sent > size) throw wrongLength(size, sent);
      this.#awaitServer();
      yield chunk;
      this.#isServersTurn = false;
    }
    if (sent < size) throw wrongLength(size, sent);
    this.#awaitServer();
  }

  #awaitServer(): void {
    this.#isServersTurn = true;
    this.#silence.refresh();
  }
}

function silent(silenceMs: number): Error {
  return Object.assign(new Error(`The S3 server was silent for ${silenceMs} ms.`), { name: "TimeoutError" });
}
