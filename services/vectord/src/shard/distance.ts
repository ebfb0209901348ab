import type { DistanceName } from "@lakehouse/contracts";

/** Four sums, since one alone would wait for itself at every step. */
export function squaredNorm(vector: Float32Array): number {
  const whole = vector.length & ~3;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i < whole; i += 4) {
    a += vector[i]! ** 2;
    b += vector[i + 1]! ** 2;
    c += vector[i + 2]! ** 2;
    d += vector[i + 3]! ** 2;
  }
  for (; i < vector.length; i++) a += vector[i]! ** 2;
  return a + b + (c + d);
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
