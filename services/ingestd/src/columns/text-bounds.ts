import type { ChunkBounds } from "../parquet/column-chunk.ts";
import { STATS_TEXT_BYTES_MAX } from "./limits.ts";

/**
 * The least and greatest text of a column, in the order of its UTF-8 bytes. Only the first STATS_TEXT_BYTES_MAX bytes of each
 * are kept: what is cut off makes a least text lower, and is made up for by a greatest text one character higher, so that
 * both stay true bounds.
 */
export class TextBounds {
  readonly #min = new Bound(-1);
  readonly #max = new Bound(1);

  add(bytes: Uint8Array, start: number, end: number): void {
    this.#min.widen(bytes, start, end);
    this.#max.widen(bytes, start, end);
  }

  merge(other: TextBounds): void {
    this.#min.merge(other.#min);
    this.#max.merge(other.#max);
  }

  /** For the manifest. A greatest text that nothing of its length is above is null, as are both where there is no text. */
  toJson(): { min: string | null; max: string | null } {
    const min = this.#min.text();
    const max = this.#max.text();
    return { min: min ?? null, max: (this.#max.isCut ? nextHigher(max!) : max) ?? null };
  }

  toBytes(): ChunkBounds | undefined {
    const { min, max } = this.toJson();
    if (min === null || max === null) return undefined;
    return { min: Buffer.from(min), max: Buffer.from(max), isExact: !this.#min.isCut && !this.#max.isCut };
  }
}

class Bound {
  /** Of the difference to the bound that makes a text the new one. */
  readonly #sign: -1 | 1;
  readonly #bytes = Buffer.alloc(STATS_TEXT_BYTES_MAX);
  /** -1 where there is no text yet. */
  #length = -1;
  /** Of the texts that start with these bytes one is longer. */
  isCut: boolean = false;

  constructor(sign: -1 | 1) {
    this.#sign = sign;
  }

  widen(bytes: Uint8Array, start: number, end: number): void {
    const length = Math.min(end - start, STATS_TEXT_BYTES_MAX);
    const order = this.#length === -1 ? 1 : this.#compare(bytes, start, length) * this.#sign;
    if (order < 0) return;
    if (order > 0) {
      for (let index = 0; index < length; index++) this.#bytes[index] = bytes[start + index]!;
      this.#length = length;
      this.isCut = false;
    }
    if (end - start > length) this.isCut = true;
  }

  merge(other: Bound): void {
    if (other.#length === -1) return;
    this.widen(other.#bytes, 0, other.#length);
    if (other.isCut && this.#compare(other.#bytes, 0, other.#length) === 0) this.isCut = true;
  }

  /** Without a character that the cut went through; undefined where there is none. */
  text(): string | undefined {
    if (this.#length === -1) return undefined;
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return decoder.decode(this.#bytes.subarray(0, this.#length), { stream: true });
  }

  #compare(bytes: Uint8Array, start: number, length: number): number {
    const shorter = Math.min(length, this.#length);
    for (let index = 0; index < shorter; index++) {
      const difference = bytes[start + index]! - this.#bytes[index]!;
      if (difference !== 0) return difference;
    }
    return length - this.#length;
  }
}

/** @returns undefined where no text of this length is higher */
function nextHigher(text: string): string | undefined {
  const characters = Array.from(text);
  while (characters.length > 0) {
    const code = characters.pop()!.codePointAt(0)!;
    if (code === 0x10ffff) continue;
    const next = code === 0xd7ff ? 0xe000 : code + 1;
    return characters.join("") + String.fromCodePoint(next);
  }
  return undefined;
}
