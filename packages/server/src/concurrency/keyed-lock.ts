/** Work of one key runs one after the other, in the order asked; work of different keys side by side. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<void>>();

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const { promise: done, resolve: release } = Promise.withResolvers<void>();
    this.#last.set(key, done);
    await before;
    try {
      return await work();
    } finally {
      release();
      if (this.#last.get(key) === done) this.#last.delete(key);
    }
  }
}
