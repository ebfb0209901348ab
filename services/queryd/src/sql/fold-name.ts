/**
 * A name as DuckDB compares it: A to Z without regard to case, every other letter as it is. `toLowerCase()` would make two names
 * one that DuckDB keeps apart (the Kelvin sign and k, É and é): a CTE under the one would let the other pass the guard.
 */
export function foldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
