import { Worker } from "node:worker_threads";
import { LakehouseError } from "@lakehouse/core";
import { type AnswerMessage, type ArgumentsOf, fromFailure, type MethodNames, type ResultOf } from "./messages.ts";

/** The thread died with the call unanswered: whether it was done is not known. To a client it is a moment's absence. */
export class ThreadDiedError extends LakehouseError {
  constructor(cause: unknown) {
    super("not_loaded", "A worker thread died, and what it held is being loaded anew; ask again in a moment.", {
      cause,
    });
    this.name = "ThreadDiedError";
  }
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A worker thread of this program, called like the object of type T that lives in it. */
export class WorkerThread<T> {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #death: ThreadDiedError | undefined;
  #onDeath: ((error: ThreadDiedError) => void) | undefined;

  /** @param onDeath the thread is gone without `close`; every unanswered call has failed */
  constructor(entry: URL, onDeath: (error: ThreadDiedError) => void, workerData?: unknown) {
    this.#onDeath = onDeath;
    this.#worker = new Worker(entry, { workerData });
    this.#worker.on("message", (answer: AnswerMessage) => this.#settle(answer));
    let cause: unknown;
    this.#worker.on("error", (error) => {
      cause = error;
    });
    this.#worker.on("exit", () => {
      this.#death = new ThreadDiedError(cause);
      for (const { reject } of this.#pending.values()) reject(this.#death);
      this.#pending.clear();
      this.#onDeath?.(this.#death);
    });
  }

  /** @throws ThreadDiedError, and what the call throws in the thread */
  call<N extends MethodNames<T>>(name: N, ...args: ArgumentsOf<T, N>): Promise<ResultOf<T, N>> {
    return this.transfer([], name, ...args);
  }

  /** As `call`, with memory of the arguments that goes to the thread, instead of being copied. */
  transfer<N extends MethodNames<T>>(
    buffers: ArrayBuffer[],
    name: N,
    ...args: ArgumentsOf<T, N>
  ): Promise<ResultOf<T, N>> {
    if (this.#death) return Promise.reject(this.#death);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#lastId += 1;
    this.#pending.set(this.#lastId, { resolve, reject });
    this.#worker.postMessage({ id: this.#lastId, call: name, args }, buffers);
    return promise as Promise<ResultOf<T, N>>;
  }

  async close(): Promise<void> {
    this.#onDeath = undefined;
    await this.#worker.terminate();
  }

  #settle(answer: AnswerMessage): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ("failure" in answer) pending?.reject(fromFailure(answer.failure));
    else pending?.resolve(answer.result);
  }
}
