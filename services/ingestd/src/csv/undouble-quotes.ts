const QUOTE = 0x22;

/**
 * Copies the text of a quoted field, each pair of quotes as one, into `target` at `position`.
 * @returns where the copy ends
 */
export function undoubleQuotes(
  bytes: Buffer,
  start: number,
  end: number,
  target: Uint8Array,
  position: number,
): number {
  let from = start;
  let to = position;
  while (from < end) {
    const quote = bytes.indexOf(QUOTE, from);
    // The first quote of a pair is copied, the second is skipped; the field's closing quote is at `end`.
    const next = quote < end ? quote + 1 : end;
    to += bytes.copy(target, to, from, next);
    from = quote < end ? next + 1 : end;
  }
  return to;
}
