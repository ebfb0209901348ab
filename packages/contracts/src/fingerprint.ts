import { createHash } from "node:crypto";
import type { Column } from "./catalog.ts";

/** Where every data object of a dataset lives; what the garbage collector looks through. */
export const DATASETS_PREFIX = "datasets/";

/** SHA-256 hex over (name, type) in header order: 0x1f inside a tuple, 0x1e after each (SPEC §5). Nullability is not in it. */
export function schemaFingerprint(columns: readonly Column[]): string {
  const hash = createHash("sha256");
  for (const { name, type } of columns) hash.update(`${name}\u001f${type}\u001e`);
  return hash.digest("hex");
}
