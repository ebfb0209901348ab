import type { ByteSource } from "./row-reader.ts";

const LF = 0x0a;
const READ_BYTES = 64 * 1024;

/** The line, from 1, that the byte at `offset` is on. */
export function lineAt(source: ByteSource, offset: number): number {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  let line = 1;
  for (let from = 0; from < offset; from += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, offset - from));
    const length = source.read(piece, from);
    for (let at = piece.indexOf(LF); at !== -1 && at < length; at = piece.indexOf(LF, at + 1)) line++;
  }
  return line;
}
