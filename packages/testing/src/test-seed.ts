/**
 * Draws the random cases of tests. Always the same, so that a commit passes or fails the same way wherever it is tested;
 * `FUZZ_SEED=random` looks for new ones, `FUZZ_SEED=<number>` for those of a run that failed.
 */
export const testSeed = seedOf(process.env["FUZZ_SEED"] ?? "1");

function seedOf(text: string): number {
  return text === "random" ? Date.now() % 2 ** 31 : Number(text);
}
