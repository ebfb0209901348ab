/**
 * Cuts a JSON array into the texts of its elements as it arrives, so that numbers keep all their digits and nothing has to be
 * held whole. Feed it what follows the opening bracket.
 */
export class JsonElements {
  /** Depth of the element that is being read; below 0 once the array has closed. */
  #depth = 0;
  #place: "outside text" | "in text" | "after a backslash" = "outside text";
  #piece = "";

  /** True once the closing bracket came. */
  get isOver(): boolean {
    return this.#depth < 0;
  }

  /** Elements that are complete by now; `rest` is what follows the closing bracket. */
  feed(chunk: string): { elements: string[]; rest: string } {
    const elements: string[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      if (!this.#ends(chunk.charCodeAt(at))) continue;
      const element = (this.#piece + chunk.slice(start, at)).trim();
      if (element !== "") elements.push(element);
      this.#piece = "";
      start = at + 1;
      if (this.isOver) return { elements, rest: chunk.slice(start) };
    }
    this.#piece += chunk.slice(start);
    return { elements, rest: "" };
  }

  /** Takes a character in; true when it ends an element. */
  #ends(character: number): boolean {
    if (this.#place !== "outside text") {
      if (this.#place === "after a backslash") this.#place = "in text";
      else if (character === BACKSLASH) this.#place = "after a backslash";
      else if (character === QUOTE) this.#place = "outside text";
      return false;
    }
    if (character === QUOTE) this.#place = "in text";
    else if (character === OPEN_BRACKET || character === OPEN_BRACE) this.#depth += 1;
    else if (character === CLOSE_BRACKET || character === CLOSE_BRACE) this.#depth -= 1;
    return this.isOver || (character === COMMA && this.#depth === 0);
  }
}

/** The elements of an array that is there whole. */
export function elementsOf(array: string): string[] {
  return new JsonElements().feed(array.slice(1)).elements;
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
