import { LINE_BYTES_MAX, LOG_PIECE_BYTES } from "../limits.ts";
import type { AppendLog } from "./append-log.ts";

export interface LogLine {
  /** Without its newline. */
  readonly bytes: Buffer;
  /** Its place in the log. */
  readonly start: number;
  /** Whether a newline follows. */
  readonly ended: boolean;
}

const NEWLINE = 0x0a;

/** The lines of the log, a piece of it at a time. What has no newline for longer than any line is given as if it were one. */
export async function* readLines(log: AppendLog): AsyncGenerator<LogLine[]> {
  let rest: Buffer = Buffer.alloc(0);
  let position = 0;
  while (position < log.length) {
    const piece = Buffer.allocUnsafe(Math.min(LOG_PIECE_BYTES, log.length - position));
    const count = await log.read(piece, position);
    if (count === 0) break;
    const start = position - rest.length;
    position += count;
    const { lines, left } = split(Buffer.concat([rest, piece.subarray(0, count)]), start);
    yield lines;
    rest = left;
  }
  if (rest.length > 0) yield [{ bytes: rest, start: position - rest.length, ended: false }];
}

function split(bytes: Buffer, start: number): { lines: LogLine[]; left: Buffer } {
  const lines: LogLine[] = [];
  let from = 0;
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
    lines.push({ bytes: bytes.subarray(from, end), start: start + from, ended: true });
    from = end + 1;
  }
  const left = bytes.subarray(from);
  if (left.length <= LINE_BYTES_MAX) return { lines, left };
  lines.push({ bytes: left, start: start + from, ended: true });
  return { lines, left: Buffer.alloc(0) };
}
