/** Stored bytes that are not what was written; its message says how in one sentence. */
export class DamagedError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = "DamagedError";
  }
}
