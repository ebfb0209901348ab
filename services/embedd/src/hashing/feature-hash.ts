/** FNV-1a, 32 bits: where the hash of a term, and of a gram, sets out. Apart, so that the word `ing` is not the gram `ing`. */
export const startOfTerms = 0x811c9dc5;
export const startOfGrams = 0x1c9dc581;

const FNV_PRIME = 0x01000193;
const GOLDEN_RATIO = 0x9e3779b9;

/** Takes one more UTF-16 unit into a hash. */
export function hashStep(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, FNV_PRIME);
}

export function hashText(start: number, text: string): number {
  let hash = start;
  for (let index = 0; index < text.length; index++) hash = hashStep(hash, text.charCodeAt(index));
  return hash;
}

/** Adds a feature at the place that its hash gives, or takes it off there: with signs, features that collide don't add up (Weinberger et al. 2009). */
export function addFeature(sums: Float64Array, hash: number, weight: number): void {
  const mixed = avalanche(hash);
  const place = (mixed >>> 1) % sums.length;
  // No branch: a processor would guess it wrong every other time.
  sums[place]! += weight * (1 - 2 * (mixed & 1));
}

/** For heavy features: half of the square at each of two places, so that one collision does not drown it. */
export function addFeatureTwice(sums: Float64Array, hash: number, weight: number): void {
  addFeature(sums, hash, weight * Math.SQRT1_2);
  addFeature(sums, hash + GOLDEN_RATIO, weight * Math.SQRT1_2);
}

/** The finaliser of MurmurHash3: FNV alone leaves the last letters in the low bits. */
function avalanche(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
