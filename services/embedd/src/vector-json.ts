/** A vector as it goes over the wire, made once and then copied into every answer that has it. */
export interface RenderedVector {
  dimension: number;
  /** A JSON array. */
  json: Buffer;
}

/** `-0.00000123456789,`: smaller ones are powers of ten, which are shorter. */
const NUMBER_BYTES_MAX = 18;

/**
 * The exponents of float32 numbers that are written digit by digit, from 2^-10 up to 1. Nine decimals tell those from 2^-6 on apart, ten
 * the others: there is more than one decimal step to a float32 step.
 */
const EXPONENT_MIN = 127 - 10;
const EXPONENT_MAX = 126;
const NINE_DECIMALS_FROM = 127 - 6;

const isOfTen = (exponent: number) => exponent < NINE_DECIMALS_FROM;
const unitsOf = Float64Array.from({ length: EXPONENT_MAX + 1 }, (_, exponent) => (isOfTen(exponent) ? 1e10 : 1e9));
/** Bytes before the last nine digits: `0.`, and a zero where there are ten. */
const leadOf = Uint8Array.from({ length: EXPONENT_MAX + 1 }, (_, exponent) => (isOfTen(exponent) ? 3 : 2));

/** Four bytes, written at once; the comma is overwritten where more digits follow. */
const startOf = Uint32Array.of(fourBytes("0.00"), fourBytes("-0.0"));
const digitsOf = Uint32Array.from({ length: 1_000 }, (_, number) => fourBytes(`${String(number).padStart(3, "0")},`));
const ZERO_AND_COMMA = fourBytes("0,  ");

const OPENING = 0x5b;
const CLOSING = 0x5d;

/**
 * Numbers of few digits that read back as exactly the same float32. `JSON.stringify` spells out the digits of the double, twice as many,
 * and takes ten times as long, which is longer than the hashing of a text.
 * @param vector numbers from -1 to 1
 */
export function renderVector(vector: Float32Array): RenderedVector {
  const bytes = scratchFor(vector.length);
  const bits = new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
  let end = 0;
  bytes.setUint8(end++, OPENING);
  for (let place = 0; place < vector.length; place++) end = writeNumber(bytes, end, vector[place]!, bits[place]!);
  bytes.setUint8(end - 1, CLOSING);
  return { dimension: vector.length, json: Buffer.from(new Uint8Array(bytes.buffer, 0, end)) };
}

let scratch = new DataView(new ArrayBuffer(0));

/** One buffer for all, since nothing here waits: a new one each time is more work for the collector than the digits are. */
function scratchFor(dimension: number): DataView<ArrayBuffer> {
  const size = dimension * NUMBER_BYTES_MAX + 2;
  if (scratch.byteLength < size) scratch = new DataView(new ArrayBuffer(size));
  return scratch;
}

/**
 * The number and a comma. No branch on sign or size: a processor guesses those wrong every other time, which costs more than the digits.
 * @param bits of the same float32
 * @returns where the comma ends
 */
function writeNumber(bytes: DataView, start: number, value: number, bits: number): number {
  const exponent = (bits >>> 23) & 0xff;
  if (exponent < EXPONENT_MIN || exponent > EXPONENT_MAX) return writeOther(bytes, start, value);
  const sign = bits >>> 31;
  const units = (Math.abs(value) * unitsOf[exponent]! + 0.5) | 0;
  const thousands = (units / 1_000) | 0;
  const millions = (thousands / 1_000) | 0;
  bytes.setUint32(start, startOf[sign]!, true);
  const digits = start + sign + leadOf[exponent]!;
  bytes.setUint32(digits, digitsOf[millions]!, true);
  bytes.setUint32(digits + 3, digitsOf[thousands - millions * 1_000]!, true);
  bytes.setUint32(digits + 6, digitsOf[units - thousands * 1_000]!, true);
  return digits + 10;
}

/** Zero, of which a text's vector has many, one, and what is next to nothing. */
function writeOther(bytes: DataView, start: number, value: number): number {
  if (value === 0) {
    bytes.setUint16(start, ZERO_AND_COMMA, true);
    return start + 2;
  }
  const text = `${Number(value.toPrecision(9))},`;
  for (let index = 0; index < text.length; index++) bytes.setUint8(start + index, text.charCodeAt(index));
  return start + text.length;
}

function fourBytes(text: string): number {
  return Buffer.from(text).readUInt32LE();
}
