import { unlessAborted } from "@lakehouse/server";

/** An answer in pieces, of which only the last is small. */
export type Pieces = AsyncGenerator<Buffer, void>;

/** The first piece, and what follows it. */
export interface Answer {
  first: Buffer;
  rest: Pieces;
}

/** Begins an answer, to its first piece. Some of the engine's work (binding) can't be interrupted: nobody waits for its end. */
export async function beginAnswer(pieces: Pieces, signal: AbortSignal): Promise<Answer> {
  try {
    const { value: first = Buffer.alloc(0) } = await unlessAborted(pieces.next(), signal);
    return { first, rest: pieces };
  } catch (error) {
    endUnheard(pieces);
    throw error;
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
