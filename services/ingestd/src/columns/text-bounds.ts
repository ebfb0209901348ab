import { STATS_TEXT_BYTES_MAX } from "../limits.ts";

/**
 * The least and greatest text of a column, in the order of its UTF-8 bytes. Only the first STATS_TEXT_BYTES_MAX bytes of each
 * are kept: what is cut off makes a least text lower, and is made up for by a greatest text one character higher, so that
 * both stay true bounds.
 */
export class TextBounds {
  readonly #min = Buffer.alloc(STATS_TEXT_BYTES_MAX);
  readonly #max = Buffer.alloc(STATS_TEXT_BYTES_MAX);
  #minLength = -1;
  #maxLength = -1;
  #maxIsCut: boolean = false;

  add(bytes: Uint8Array, start: number, end: number): void {
    const length = Math.min(end - start, STATS_TEXT_BYTES_MAX);
    if (this.#minLength === -1 || compare(bytes, start, length, this.#min, this.#minLength) < 0) {
      this.#minLength = keep(this.#min, bytes, start, length);
    }
    const order = this.#maxLength === -1 ? 1 : compare(bytes, start, length, this.#max, this.#maxLength);
    if (order < 0) return;
    if (order > 0) {
      this.#maxLength = keep(this.#max, bytes, start, length);
      this.#maxIsCut = false;
    }
    this.#maxIsCut ||= end - start > length;
  }

  /** Null where no text was added; a greatest text that nothing of this length is above is null too. */
  toJson(): { min: string | null; max: string | null } {
    if (this.#minLength === -1) return { min: null, max: null };
    const min = wholeCharacters(this.#min, this.#minLength);
    const max = wholeCharacters(this.#max, this.#maxLength);
    return { min, max: this.#maxIsCut ? nextHigher(max) : max };
  }
}

function keep(bound: Uint8Array, bytes: Uint8Array, start: number, length: number): number {
  for (let index = 0; index < length; index++) bound[index] = bytes[start + index]!;
  return length;
}

function compare(bytes: Uint8Array, start: number, length: number, bound: Uint8Array, boundLength: number): number {
  const shorter = Math.min(length, boundLength);
  for (let index = 0; index < shorter; index++) {
    const difference = bytes[start + index]! - bound[index]!;
    if (difference !== 0) return difference;
  }
  return length - boundLength;
}

/** A character that the cut went through is dropped. */
function wholeCharacters(bytes: Buffer, length: number): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, length), { stream: true });
}

function nextHigher(text: string): string | null {
  const characters = Array.from(text);
  while (characters.length > 0) {
    const code = characters.pop()!.codePointAt(0)!;
    if (code === 0x10ffff) continue;
    const next = code === 0xd7ff ? 0xe000 : code + 1;
    return characters.join("") + String.fromCodePoint(next);
  }
  return null;
}
