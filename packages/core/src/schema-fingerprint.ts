import { createHash } from "node:crypto";
import type { Column } from "@lakehouse/contracts";

/** SHA-256 hex over (name, type) in header order: 0x1f inside a tuple, 0x1e after each. Nullability is not in it. */
export function schemaFingerprint(columns: readonly Column[]): string {
  const hash = createHash("sha256");
  for (const { name, type } of columns) hash.update(`${name}\u001f${type}\u001e`);
  return hash.digest("hex");
}
