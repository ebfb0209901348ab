import type { DistanceName } from "@lakehouse/contracts";

/** Of numbers from `offset` on, with all of `query`. Four sums, since one alone would wait for itself at every step. */
export function dot(numbers: Float32Array, offset: number, query: Float32Array): number {
  const { length } = query;
  const whole = length & ~3;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let at = offset;
  let i = 0;
  for (; i < whole; i += 4, at += 4) {
    a += numbers[at]! * query[i]!;
    b += numbers[at + 1]! * query[i + 1]!;
    c += numbers[at + 2]! * query[i + 2]!;
    d += numbers[at + 3]! * query[i + 3]!;
  }
  for (; i < length; i++, at++) a += numbers[at]! * query[i]!;
  return a + b + (c + d);
}

/** Squared Euclidean, as hnswlib's `l2`. */
export function squaredDistance(numbers: Float32Array, offset: number, query: Float32Array): number {
  const { length } = query;
  const whole = length & ~1;
  let a = 0;
  let b = 0;
  let at = offset;
  let i = 0;
  for (; i < whole; i += 2, at += 2) {
    const first = numbers[at]! - query[i]!;
    const second = numbers[at + 1]! - query[i + 1]!;
    a += first * first;
    b += second * second;
  }
  if (i < length) a += (numbers[at]! - query[i]!) ** 2;
  return a + b;
}

/** One over the Euclidean length, in double precision: neither 1e-30 nor 1e30 runs out of range. */
export function inverseNorm(vector: Float32Array): number {
  return 1 / Math.sqrt(dot(vector, 0, vector));
}

/**
 * Why a vector can't be taken under this distance; undefined where it can.
 * @param vector as float32, so that what overflowed is ±Infinity and what underflowed is 0
 */
export function vectorFault(vector: Float32Array, distance: DistanceName): string | undefined {
  let isZero = true;
  for (let i = 0; i < vector.length; i++) {
    const number = vector[i]!;
    if (!Number.isFinite(number)) return `its number ${i} is not finite in float32`;
    if (number !== 0) isZero = false;
  }
  return isZero && distance === "cosine" ? "it is all zeros, which has no direction for cosine" : undefined;
}
