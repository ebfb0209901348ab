import type { ArgumentsOf, MethodNames, ResultOf } from "./messages.ts";
import { WorkerThread } from "./worker-thread.ts";

/**
 * A thread without a memory of its own, which begins with its first call: an idle service does without. Where it dies, the calls
 * under way fail and the next one begins another.
 */
export class RevivingThread<T> {
  readonly #entry: URL;
  readonly #data: unknown;
  #thread: WorkerThread<T> | undefined;

  constructor(entry: URL, data?: unknown) {
    this.#entry = entry;
    this.#data = data;
  }

  call<N extends MethodNames<T>>(name: N, ...args: ArgumentsOf<T, N>): Promise<ResultOf<T, N>> {
    return this.#begun().call(name, ...args);
  }

  transfer<N extends MethodNames<T>>(
    buffers: ArrayBuffer[],
    name: N,
    ...args: ArgumentsOf<T, N>
  ): Promise<ResultOf<T, N>> {
    return this.#begun().transfer(buffers, name, ...args);
  }

  async close(): Promise<void> {
    await this.#thread?.close();
  }

  #begun(): WorkerThread<T> {
    const onDeath = () => {
      this.#thread = undefined;
    };
    this.#thread ??= new WorkerThread<T>(this.#entry, onDeath, this.#data);
    return this.#thread;
  }
}
