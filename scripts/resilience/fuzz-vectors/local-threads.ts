import { type Handle, hnswEngine, ShardCalls, type ShardThreads } from "@lakehouse/vectord/internals";

type AnyMethod = (...args: unknown[]) => unknown;

/** A shard's thread without the thread, so that a file costs a millisecond. Bytes change hands, as they do on their way to one. */
class LocalThread {
  readonly #calls: Record<string, AnyMethod>;

  constructor(number: number, total: number) {
    this.#calls = new ShardCalls(hnswEngine, number, total) as unknown as Record<string, AnyMethod>;
  }

  /** The bytes of batches are freed once they are applied, and other shards have them too. */
  async call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#calls[name]!(...(name === "replay" ? structuredClone(args) : args));
  }

  async transfer(transfer: ArrayBuffer[], name: string, ...args: unknown[]): Promise<unknown> {
    return this.#calls[name]!(...structuredClone(args, { transfer }));
  }
}

/** ShardThreads in this thread. */
export function localThreads(total: number): ShardThreads {
  const threads = Array.from({ length: total }, (_, number) => new LocalThread(number, total));
  let lastHandle: Handle = 0;
  const local = {
    total,
    newHandle: () => ++lastHandle,
    all: (name: string, ...args: unknown[]) => Promise.all(threads.map((thread) => thread.call(name, ...args))),
    thread: (number: number) => threads[number]!,
  };
  return local as unknown as ShardThreads;
}
