import { DamagedError } from "../formats/damaged-error.ts";

/** Reads bytes that come in pieces, from front to back. */
export class PieceReader {
  readonly #pieces: readonly Uint8Array[];
  /** The current piece, and how much of it was read. */
  #piece = 0;
  #at = 0;
  #left: number;

  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces;
    this.#left = pieces.reduce((sum, { length }) => sum + length, 0);
  }

  /** Bytes that were not read yet. */
  get left(): number {
    return this.#left;
  }

  /** Another reader, which goes on after that many bytes. @throws DamagedError where there are fewer */
  after(bytes: number): PieceReader {
    const other = new PieceReader(this.#pieces);
    other.#piece = this.#piece;
    other.#at = this.#at;
    other.#left = this.#left;
    other.#advance(bytes);
    return other;
  }

  /** The next bytes: where they lie, or a copy where they are in several pieces. @throws DamagedError where there are fewer */
  take(bytes: number): Buffer {
    const piece = this.#pieces[this.#piece];
    const from = this.#at;
    if (piece === undefined || from + bytes > piece.length) return this.#gather(bytes);
    this.#advance(bytes);
    return Buffer.from(piece.buffer, piece.byteOffset + from, bytes);
  }

  #gather(bytes: number): Buffer {
    const parts: Uint8Array[] = [];
    const from = [this.#piece, this.#at] as const;
    this.#advance(bytes);
    for (let number = from[0]; number <= this.#piece && number < this.#pieces.length; number++) {
      const end = number === this.#piece ? this.#at : undefined;
      parts.push(this.#pieces[number]!.subarray(number === from[0] ? from[1] : 0, end));
    }
    return Buffer.concat(parts);
  }

  #advance(bytes: number): void {
    if (bytes > this.#left) throw new DamagedError("The graph is shorter than it says.");
    this.#left -= bytes;
    this.#at += bytes;
    for (let piece = this.#pieces[this.#piece]; piece && this.#at >= piece.length; piece = this.#pieces[this.#piece]) {
      this.#at -= piece.length;
      this.#piece += 1;
    }
  }
}
