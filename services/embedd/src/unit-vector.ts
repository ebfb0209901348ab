/**
 * A model's numbers as a vector of length 1 in float32.
 * @returns in words, what keeps them from being one
 */
export function unitVector(values: ArrayLike<unknown>): Float32Array | string {
  const length = euclideanLength(values);
  if (Number.isNaN(length)) return "holds something that is not a finite number";
  if (length === 0) return "is zero";
  if (length === Number.POSITIVE_INFINITY) return "is too long for its length to be a number";
  const vector = new Float32Array(values.length);
  for (let place = 0; place < vector.length; place++) vector[place] = Number(values[place]) / length;
  return vector;
}

/** NaN where one of the values is not a finite number. */
function euclideanLength(values: ArrayLike<unknown>): number {
  let squares = 0;
  for (let place = 0; place < values.length; place++) {
    const value = values[place];
    if (typeof value !== "number" || !Number.isFinite(value)) return Number.NaN;
    squares += value * value;
  }
  return Math.sqrt(squares);
}
