import { setImmediate as nextTurn } from "node:timers/promises";
import { DamagedError } from "../formats/damaged-error.ts";
import type { Parameters } from "../formats/log-record.ts";
import { assertGraphHeader } from "./hnsw-file.ts";
import { PieceReader } from "./piece-reader.ts";

const HEADER_BYTES = 96;
const WORD = 4;
const LABEL_BYTES = 8;
/** hnswlib marks a deleted element in the third byte of its links on layer 0; the two before it are how many there are. */
const DELETE_MARK = 1;
const MARK_SHIFT = 16;
const COUNT_MASK = 0xffff;
/** All its bits are set in what is not finite. */
const EXPONENT_MASK = 0x7f80_0000;
/** Elements checked at once; then the thread looks at its messages. */
const SLICE_ELEMENTS = 512;

/**
 * Checks what hnswlib wrote, byte by byte, as far as hnswlib trusts it: with such a graph no search or add leaves its memory.
 * @param pieces a graph in float32, in order
 * @param size how many vectors it was saved with; their labels are 0, 1, 2… in order
 * @throws DamagedError
 */
export async function assertGraph(pieces: readonly Uint8Array[], parameters: Parameters, size: number): Promise<void> {
  const { dimension, m } = parameters;
  const elements = new PieceReader(pieces);
  const { left: bytes } = elements;
  const header = elements.take(Math.min(bytes, HEADER_BYTES));
  const bytesPerElement = WORD * (1 + 2 * m + dimension) + LABEL_BYTES;
  assertGraphHeader(header, bytes, m, [dimension * WORD], size);
  assertSettings(header, parameters, size);
  const upper = elements.after(size * bytesPerElement);
  const levels = readLevels(upper.after(0), size, WORD * (1 + m));
  assertTop(header, levels);
  for (let element = 0; element < size; element++) {
    assertElement(elements.take(bytesPerElement), element, levels, 2 * m);
    upper.take(WORD);
    for (let layer = 1; layer <= levels[element]!; layer++) {
      const links = upper.take(WORD * (1 + m));
      if (links.readUInt32LE(0) > m) throw faultOf(element, "has too many links");
      assertLinks(links, element, levels, layer);
    }
    if (element % SLICE_ELEMENTS === 0) await nextTurn();
  }
}

/** What the library would take from the header for how it goes on. */
function assertSettings(header: Buffer, { m, ef_construction }: Parameters, size: number): void {
  const capacity = header.readBigUInt64LE(8);
  const scale = header.readDoubleLE(80) * Math.log(m);
  // Capacities grow by half, from 256 on; memory for what one says is taken before anything is read.
  if (capacity < size || capacity > Math.max(256, 2 * size)) {
    throw new DamagedError(`The graph's capacity is ${capacity}; it has ${size} vectors.`);
  }
  if (!(Math.abs(scale - 1) < 1e-9)) throw new DamagedError("The graph's levels are drawn in another way.");
  if (header.readBigUInt64LE(88) !== BigInt(Math.max(ef_construction, m))) {
    throw new DamagedError(`The graph's ef_construction is not ${ef_construction}.`);
  }
}

/** Layers that each element has above layer 0. */
function readLevels(upper: PieceReader, size: number, bytesPerLayer: number): Uint32Array {
  const levels = new Uint32Array(size);
  for (let element = 0; element < size; element++) {
    const bytes = upper.take(WORD).readUInt32LE(0);
    if (bytes % bytesPerLayer !== 0) throw new DamagedError("The graph's upper layers are not whole.");
    levels[element] = bytes / bytesPerLayer;
    upper.take(bytes);
  }
  if (upper.left > 0) throw new DamagedError("The graph is longer than it says.");
  return levels;
}

/** Searches begin at one of the elements of the top layer. */
function assertTop(header: Buffer, levels: Uint32Array): void {
  const top = header.readInt32LE(48);
  const entryPoint = header.readUInt32LE(52);
  if (levels[entryPoint] !== top || levels.some((level) => level > top)) {
    throw new DamagedError("The graph's entry point is not on its top layer.");
  }
}

/** Links, vector and label of an element. */
function assertElement(bytes: Buffer, element: number, levels: Uint32Array, maxLinks: number): void {
  const head = bytes.readUInt32LE(0);
  if ((head & COUNT_MASK) > maxLinks) throw faultOf(element, "has too many links");
  if (head >>> MARK_SHIFT > DELETE_MARK) throw faultOf(element, "has an unknown mark");
  assertLinks(bytes, element, levels, 0);
  const end = bytes.length - LABEL_BYTES;
  for (let at = WORD * (1 + maxLinks); at < end; at += WORD) {
    if ((bytes.readUInt32LE(at) & EXPONENT_MASK) === EXPONENT_MASK) throw faultOf(element, "is not finite");
  }
  if (bytes.readBigUInt64LE(end) !== BigInt(element)) throw faultOf(element, "has another label");
}

/** Each must lead to another element, which must be on that layer too. */
function assertLinks(links: Buffer, element: number, levels: Uint32Array, layer: number): void {
  const count = links.readUInt16LE(0);
  for (let link = 1; link <= count; link++) {
    const to = links.readUInt32LE(WORD * link);
    if (to === element || !(levels[to]! >= layer)) throw faultOf(element, `has a link on layer ${layer} to nothing`);
  }
}

function faultOf(element: number, what: string): DamagedError {
  return new DamagedError(`The graph's element ${element} ${what}.`);
}
