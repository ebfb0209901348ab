/** An answer in pieces, of which only the last is small. */
export type Pieces = AsyncGenerator<Buffer, void>;

/** The first piece, and what follows it. */
export interface Answer {
  first: Buffer;
  rest: Pieces;
}

/** Begins an answer, to its first piece. */
export async function beginAnswer(pieces: Pieces, signal: AbortSignal): Promise<Answer> {
  try {
    const { value: first = Buffer.alloc(0) } = await unlessAborted(pieces.next(), signal);
    return { first, rest: pieces };
  } catch (error) {
    endUnheard(pieces);
    throw error;
  }
}

/** Some of the engine's work can't be interrupted (binding); the client need not wait for its end. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

export async function* withFirst(first: Buffer, rest: Pieces): Pieces {
  yield first;
  yield* rest;
}

/** Ends pieces without waiting: nobody needs what an engine that can't be stopped at once says at its end. */
export function endUnheard(pieces: Pieces): void {
  pieces.return().catch(() => {}); // see above
}

/** Ends an answer that nobody will see, whatever becomes of it. */
export function drop(answer: Promise<Answer>): void {
  answer.then(
    ({ rest }) => endUnheard(rest),
    () => {}, // it has ended itself
  );
}
