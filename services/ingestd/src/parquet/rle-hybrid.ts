/**
 * Parquet's mix of run-length encoding and bit packing, in the two forms that are needed here: one run of a single value, or one
 * bit-packed run of all values. https://parquet.apache.org/docs/file-format/data-pages/encodings/
 */

/** `count` times `value`, of less than 8 bits. */
export function repeatedRun(count: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(count * 2), value]);
}

/** A run of values of one bit each that are packed already, lowest bit first. */
export function packedBits(count: number, bits: Uint8Array): Uint8Array {
  const groups = Math.ceil(count / 8);
  const head = varint(groups * 2 + 1);
  const run = new Uint8Array(head.length + groups);
  run.set(head);
  run.set(bits.subarray(0, groups), head.length);
  return run;
}

/** A run of values of `width` bits each, at most 24. */
export function packedValues(values: Int32Array, width: number): Uint8Array {
  const groups = Math.ceil(values.length / 8);
  const head = varint(groups * 2 + 1);
  const run = new Uint8Array(head.length + groups * width);
  run.set(head);
  let position = head.length;
  let pending = 0;
  let pendingBits = 0;
  for (let index = 0; index < values.length; index++) {
    pending |= values[index]! << pendingBits;
    pendingBits += width;
    for (; pendingBits >= 8; pendingBits -= 8) {
      run[position++] = pending;
      pending >>>= 8;
    }
  }
  if (pendingBits > 0) run[position] = pending;
  return run;
}

/** Bits that the values 0 to `count` - 1 need. */
export function bitWidth(count: number): number {
  return count <= 1 ? 0 : 32 - Math.clz32(count - 1);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}
