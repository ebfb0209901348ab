/** A vector as it goes over the wire, made once and then copied into every answer that has it. */
export interface RenderedVector {
  dimension: number;
  /** A JSON array. */
  json: Buffer;
}

/** Sign, `0.`, twelve digits and the comma; or a power of ten, which is shorter. */
const NUMBER_BYTES_MAX = 17;

/** From here on 9 decimals tell float32 numbers below 1 apart, and from there 12 do: each has more than one decimal step a float32 step. */
const NINE_DECIMALS_FROM = 2 ** -6;
const TWELVE_DECIMALS_FROM = 2 ** -16;

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COMMA = 0x2c;
const OPENING = 0x5b;
const CLOSING = 0x5d;

/**
 * Numbers of few digits that read back as exactly the same float32. Written digit by digit: `JSON.stringify` spells out the digits of
 * the double, twice as many, and takes five times as long, which is longer than the hashing of a text.
 * @param vector numbers from -1 to 1
 */
export function renderVector(vector: Float32Array): RenderedVector {
  const bytes = scratchFor(vector.length);
  let end = 0;
  bytes[end++] = OPENING;
  for (let place = 0; place < vector.length; place++) {
    if (place > 0) bytes[end++] = COMMA;
    end = writeNumber(bytes, end, vector[place]!);
  }
  bytes[end++] = CLOSING;
  return { dimension: vector.length, json: Buffer.from(bytes.subarray(0, end)) };
}

let scratch = Buffer.alloc(0);

/** One buffer for all, since nothing here waits: a new one each time is more work for the collector than the digits are. */
function scratchFor(dimension: number): Buffer {
  const size = dimension * NUMBER_BYTES_MAX + 2;
  if (scratch.length < size) scratch = Buffer.allocUnsafeSlow(size);
  return scratch;
}

/** @returns where the number ends */
function writeNumber(bytes: Buffer, start: number, value: number): number {
  const size = Math.abs(value);
  if (size === 0) return writeDigits(bytes, start, 0, 1);
  if (size < TWELVE_DECIMALS_FROM || size >= 1) {
    return start + bytes.write(String(Number(value.toPrecision(9))), start, "latin1");
  }
  if (value < 0) bytes[start++] = MINUS;
  bytes[start++] = ZERO;
  bytes[start++] = POINT;
  const isLarge = size >= NINE_DECIMALS_FROM;
  const units = Math.round(size * (isLarge ? 1e9 : 1e12));
  const millions = Math.floor(units / 1e6);
  const afterMillions = writeDigits(bytes, start, millions, isLarge ? 3 : 6);
  return writeDigits(bytes, afterMillions, units - millions * 1e6, 6);
}

function writeDigits(bytes: Buffer, start: number, whole: number, digits: number): number {
  let rest = whole | 0; // integer division from here on
  for (let place = start + digits - 1; place >= start; place--) {
    bytes[place] = ZERO + (rest % 10);
    rest = (rest / 10) | 0;
  }
  return start + digits;
}
