import { type FileHandle, open } from "node:fs/promises";
import { DamagedError } from "../formats/damaged-error.ts";

/** What hnswlib writes before the elements: sizes and offsets as 64-bit integers, in the machine's order (little-endian). */
const HEADER_BYTES = 96;
const header = {
  layer0Offset: 0,
  count: 16,
  bytesPerElement: 24,
  labelOffset: 32,
  dataOffset: 40,
  maxLinks: 56,
  maxLinksOfLayer0: 64,
  m: 72,
} as const;
const TOP_LAYER_AT = 48;
const ENTRY_POINT_AT = 52;
/** As graph.h has it. */
const LAYERS_MAX = 64;
const LINK_BYTES = 4;
const LABEL_BYTES = 8;

/**
 * Checks the header of a graph of this many vectors with so many links each.
 * @param start at least the header, where it is that long
 * @param size of all of it, in bytes
 * @param codeBytes what a vector may take
 * @returns what a vector does take
 * @throws DamagedError
 */
export function assertGraphHeader(
  start: Uint8Array | undefined,
  size: number,
  m: number,
  codeBytes: readonly number[],
  count: number,
): number {
  if (start === undefined || start.length < HEADER_BYTES) {
    throw new DamagedError("The graph is shorter than its header.");
  }
  const read = new DataView(start.buffer, start.byteOffset, HEADER_BYTES);
  const around = bytesAround(m);
  const codeBytesFound = Number(read.getBigUint64(header.bytesPerElement, true)) - around;
  const bytesPerElement = around + (codeBytes.find((bytes) => bytes === codeBytesFound) ?? codeBytes[0]!);
  const wanted: Record<keyof typeof header, number> = {
    count,
    bytesPerElement,
    labelOffset: bytesPerElement - LABEL_BYTES,
    dataOffset: around - LABEL_BYTES,
    layer0Offset: 0,
    maxLinks: m,
    maxLinksOfLayer0: 2 * m,
    m,
  };
  for (const [field, value] of Object.entries(wanted)) {
    const found = read.getBigUint64(header[field as keyof typeof header], true);
    if (found !== BigInt(value)) throw new DamagedError(`The graph's ${field} is ${found} instead of ${value}.`);
  }
  // Before memory is taken for what it says it has.
  if (size < HEADER_BYTES + count * (bytesPerElement + LINK_BYTES)) {
    throw new DamagedError("The graph is shorter than it says.");
  }
  assertEntryPoint(read.getInt32(TOP_LAYER_AT, true), read.getUint32(ENTRY_POINT_AT, true), count);
  return codeBytesFound;
}

/** @throws DamagedError */
function assertEntryPoint(topLayer: number, entryPoint: number, count: number): void {
  if (topLayer < 0 || topLayer > LAYERS_MAX) {
    throw new DamagedError(`The graph's top layer is ${topLayer}, of 0 to ${LAYERS_MAX}.`);
  }
  if (entryPoint >= count) throw new DamagedError(`The graph's entry point is ${entryPoint}; it has ${count} nodes.`);
}

/**
 * Whether the file is a whole graph of this many vectors with so many links each, to the byte.
 * @param codeBytes what a vector takes
 * @throws DamagedError
 */
export async function assertGraphFile(path: string, m: number, codeBytes: number, count: number): Promise<void> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  assertGraphHeader(await readAt(file, 0, Math.min(size, HEADER_BYTES)), size, m, [codeBytes], count);
  const from = HEADER_BYTES + count * (bytesAround(m) + codeBytes);
  assertUpperLayers(await readAt(file, from, size - from), count, LINK_BYTES * (1 + m));
}

/** What an element of layer 0 has beside the code: links before it, a label behind it. */
function bytesAround(m: number): number {
  return LINK_BYTES * (1 + 2 * m) + LABEL_BYTES;
}

/** Of each element, the bytes of its links above layer 0, then those links. */
function assertUpperLayers(bytes: Buffer, count: number, bytesPerLayer: number): void {
  let at = 0;
  for (let element = 0; element < count; element++) {
    const size = at + LINK_BYTES <= bytes.length ? bytes.readUInt32LE(at) : Number.NaN;
    if (!(size % bytesPerLayer === 0)) throw new DamagedError("The graph's upper layers are not whole.");
    at += LINK_BYTES + size;
  }
  if (at !== bytes.length) throw new DamagedError("The graph is not as long as it says.");
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead !== length) throw new DamagedError("The graph can't be read to its end.");
  return buffer;
}
