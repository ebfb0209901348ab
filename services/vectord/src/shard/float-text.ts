/** The shortest decimals that are this float32 again: 0.1 stays 0.1, where as a double it is 0.10000000149011612. */
function floatText(number: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(number.toPrecision(digits));
    if (Math.fround(shorter) === number) return String(shorter);
  }
  return String(Number(number.toPrecision(9)));
}

/** As a JSON array. */
export function vectorText(vector: Float32Array): string {
  return `[${Array.from(vector, floatText).join(",")}]`;
}
