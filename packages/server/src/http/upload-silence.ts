import type { Readable } from "node:stream";

/**
 * Passes on what comes of a request's body, and breaks the request off once its client has sent nothing for `silenceMs`. However long
 * the reader takes for a chunk is not the client's silence.
 * @param chunks read from the request: itself, or a part of its form
 */
export async function* heardFrom<T>(
  request: Readable,
  chunks: AsyncIterable<T>,
  silenceMs: number,
): AsyncGenerator<T, void> {
  let isWaiting = true;
  const silence = setTimeout(() => {
    if (isWaiting) request.destroy(new Error(`The client sent nothing for ${silenceMs} ms.`));
  }, silenceMs);
  try {
    for await (const chunk of chunks) {
      isWaiting = false;
      yield chunk;
      isWaiting = true;
      silence.refresh();
    }
  } finally {
    clearTimeout(silence);
  }
}
