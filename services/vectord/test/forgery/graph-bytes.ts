const HEADER_BYTES = 96;
const WORD = 4;

/** Finds the fields of a graph as hnswlib wrote it. Their places stay the same, whatever is written over them. */
export class GraphBytes {
  readonly bytes: Buffer;
  readonly count: number;
  readonly m: number;
  readonly #elementBytes: number;
  readonly #upperSizes: UpperSize[];

  /** @param bytes of one that is whole */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.count = Number(bytes.readBigUInt64LE(16));
    this.#elementBytes = Number(bytes.readBigUInt64LE(24));
    this.m = Number(bytes.readBigUInt64LE(56));
    this.#upperSizes = this.#findUpperSizes();
  }

  /** Its number of links, in two bytes, and behind it the mark of one that was removed; the links begin a word later. */
  listAt(node: number): number {
    return HEADER_BYTES + node * this.#elementBytes;
  }

  linkAt(node: number, link: number): number {
    return this.listAt(node) + WORD * (1 + link);
  }

  codeAt(node: number): number {
    return this.linkAt(node, 2 * this.m);
  }

  get codeBytes(): number {
    return this.labelAt(0) - this.codeAt(0);
  }

  labelAt(node: number): number {
    return this.listAt(node + 1) - 8;
  }

  linksOf(node: number): number {
    return this.bytes.readUInt16LE(this.listAt(node));
  }

  /** Lists above layer 0, each with the place of its number of links; then come the links. */
  upperLists(): { node: number; layer: number; at: number }[] {
    const lists: { node: number; layer: number; at: number }[] = [];
    for (const { node, at, size } of this.upperSizes()) {
      const layers = size / (WORD * (1 + this.m));
      for (let layer = 1; layer <= layers; layer++) {
        lists.push({ node, layer, at: at + WORD + (layer - 1) * WORD * (1 + this.m) });
      }
    }
    return lists;
  }

  /** For each node: the number of bytes of its lists above layer 0, and where that number stands. */
  upperSizes(): readonly UpperSize[] {
    return this.#upperSizes;
  }

  #findUpperSizes(): UpperSize[] {
    let at = this.listAt(this.count);
    return Array.from({ length: this.count }, (_, node) => {
      const size = this.bytes.readUInt32LE(at);
      at += WORD + size;
      return { node, at: at - WORD - size, size };
    });
  }
}

interface UpperSize {
  node: number;
  at: number;
  size: number;
}

/** In the header. */
export const headerAt = { capacity: 8, count: 16, topLayer: 48, entryPoint: 52 } as const;
