/** Pieces of at least this size go to the socket; a result that is smaller goes as one. */
export const PIECE_BYTES_MIN = 64 * 1024;

/** Joins small pieces. Only the last one may be smaller than `PIECE_BYTES_MIN`. */
export async function* coalesce(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    if (size < PIECE_BYTES_MIN) continue;
    yield held.length === 1 ? piece : Buffer.concat(held, size);
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held, size);
}
