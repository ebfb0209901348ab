import type { ArgumentsOf, MethodNames, ResultOf } from "../threads/messages.ts";
import { type ThreadDiedError, WorkerThread } from "../threads/worker-thread.ts";
import type { EngineName } from "./ann-index.ts";
import type { Handle, ShardCalls } from "./shard-calls.ts";
import type { ShardThreadData } from "./shard-thread.ts";

const entry = new URL("./shard-thread.ts", import.meta.url);

/**
 * The threads that share every index: thread n has shard n of each. One that dies is replaced by an empty one; whoever
 * subscribed then loads its indexes anew.
 */
export class ShardThreads {
  readonly #engine: EngineName;
  readonly #threads: WorkerThread<ShardCalls>[];
  #lastHandle: Handle = 0;
  #onLost: (error: ThreadDiedError) => void = () => {};

  constructor(total: number, engine: EngineName) {
    this.#engine = engine;
    this.#threads = Array.from({ length: total }, (_, number) => this.#start(number, total));
  }

  get total(): number {
    return this.#threads.length;
  }

  onLost(listener: (error: ThreadDiedError) => void): void {
    this.#onLost = listener;
  }

  newHandle(): Handle {
    this.#lastHandle += 1;
    return this.#lastHandle;
  }

  /** Every thread is called before any answers, so that calls from here reach all threads in the same order. */
  all<N extends MethodNames<ShardCalls>>(
    name: N,
    ...args: ArgumentsOf<ShardCalls, N>
  ): Promise<ResultOf<ShardCalls, N>[]> {
    return Promise.all(this.#threads.map((thread) => thread.call(name, ...args)));
  }

  thread(number: number): WorkerThread<ShardCalls> {
    return this.#threads[number]!;
  }

  async close(): Promise<void> {
    // One that has died holds nothing that could be waited for.
    await Promise.allSettled(this.#threads.map((thread) => thread.call("end")));
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #start(number: number, total: number): WorkerThread<ShardCalls> {
    const data: ShardThreadData = { number, total, engine: this.#engine };
    const onDeath = (error: ThreadDiedError) => {
      this.#threads[number] = this.#start(number, total);
      this.#onLost(error);
    };
    return new WorkerThread<ShardCalls>(entry, onDeath, data);
  }
}
