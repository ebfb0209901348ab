import type { AppendLog } from "./append-log.ts";
import { LINE_BYTES_MAX, LOG_PIECE_BYTES } from "./limits.ts";

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
  for await (const piece of readPieces(log)) {
    const { lines, left } = split(Buffer.concat([rest, piece]), position - rest.length);
    position += piece.length;
    yield lines;
    rest = left;
  }
  if (rest.length > 0) yield [{ bytes: rest, start: position - rest.length, ended: false }];
}

/** The next piece is on its way while the one before it is looked at. */
async function* readPieces(log: AppendLog): AsyncGenerator<Buffer> {
  const { length } = log;
  let next = readPiece(log, 0);
  for (let position = 0; position < length; ) {
    const piece = await next;
    if (piece.length === 0) return;
    position += piece.length;
    next = readPiece(log, position);
    yield piece;
  }
  await next;
}

async function readPiece(log: AppendLog, position: number): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(LOG_PIECE_BYTES);
  return piece.subarray(0, await log.read(piece, position));
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
