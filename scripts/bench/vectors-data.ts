/** Clustered vectors of length about 1, the same for the same seed: what embeddings look like, where uniform noise is too easy to tell apart. */
export function clusteredVectors(count: number, dimension: number, clusters: number, seed: number): Float32Array[] {
  const random = mulberry32(seed);
  const centers = Array.from({ length: clusters }, () => gaussians(random, dimension, 1));
  return Array.from({ length: count }, () => {
    const center = centers[Math.floor(random() * clusters)]!;
    const vector = gaussians(random, dimension, 0.7).map((noise, i) => noise + center[i]!);
    const norm = Math.hypot(...vector);
    return vector.map((number) => number / norm);
  });
}

/** As embedd writes them: the nine digits that a float32 needs, where the double beside it has seventeen to be read. */
export function numbersOf(vector: Float32Array): number[] {
  return Array.from(vector, (number) => Number(number.toPrecision(9)));
}

function gaussians(random: () => number, length: number, deviation: number): Float32Array {
  return Float32Array.from(
    { length },
    () => deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Of unit vectors: the rows nearest to each query, by looking at all. */
export function exactNeighbours(
  vectors: readonly Float32Array[],
  queries: readonly Float32Array[],
  k: number,
): number[][] {
  return queries.map((query) => {
    const nearest: { row: number; product: number }[] = [];
    for (const [row, vector] of vectors.entries()) {
      const product = dot(vector, query);
      if (nearest.length === k && product <= nearest[k - 1]!.product) continue;
      nearest.push({ row, product });
      nearest.sort((a, b) => b.product - a.product);
      nearest.length = Math.min(nearest.length, k);
    }
    return nearest.map(({ row }) => row);
  });
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Share of the true neighbours that were found. */
export function recall(found: readonly number[][], wanted: readonly number[][]): number {
  const shares = wanted.map((rows, i) => rows.filter((row) => found[i]!.includes(row)).length / rows.length);
  return shares.reduce((a, b) => a + b, 0) / shares.length;
}
