import type { ArgumentsOf, MethodNames, ResultOf } from "./messages.ts";
import { WorkerThread } from "./worker-thread.ts";

/** A thread without a memory of its own: where it dies, the calls under way fail and another takes its place. */
export class RevivingThread<T> {
  readonly #entry: URL;
  readonly #data: unknown;
  #thread: WorkerThread<T>;

  constructor(entry: URL, data?: unknown) {
    this.#entry = entry;
    this.#data = data;
    this.#thread = this.#start();
  }

  call<N extends MethodNames<T>>(name: N, ...args: ArgumentsOf<T, N>): Promise<ResultOf<T, N>> {
    return this.#thread.call(name, ...args);
  }

  transfer<N extends MethodNames<T>>(
    buffers: ArrayBuffer[],
    name: N,
    ...args: ArgumentsOf<T, N>
  ): Promise<ResultOf<T, N>> {
    return this.#thread.transfer(buffers, name, ...args);
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }

  #start(): WorkerThread<T> {
    const onDeath = () => {
      this.#thread = this.#start();
    };
    return new WorkerThread<T>(this.#entry, onDeath, this.#data);
  }
}
