import { LINE_LENGTH_MAX } from "./limits.ts";

/** A line that is longer than any event needs to be. */
export class LineTooLongError extends Error {}

/**
 * UTF-8 bytes as lines, ended by LF or CRLF; the last one may lack its end. Characters may be split between pieces.
 * @throws LineTooLongError; whatever `body` throws
 */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    if (rest.length > LINE_LENGTH_MAX) throw new LineTooLongError();
    for (const line of lines) yield withoutReturn(line);
  }
  rest += decoder.decode();
  if (rest !== "") yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
