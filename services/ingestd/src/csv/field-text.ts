import type { RowBlock } from "./tokenizer.ts";
import { undoubleQuotes } from "./undouble-quotes.ts";

/** The text of one field, for headers and samples; values of rows never become strings. */
export function fieldText({ bytes, starts, ends }: RowBlock, field: number): string {
  const start = starts[field]!;
  const end = ends[field]!;
  if (end >= 0) return utf8(bytes, start, end);
  const text = new Uint8Array(~end - start);
  return utf8(text, 0, undoubleQuotes(bytes, start, ~end, text, 0));
}

function utf8(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
}
