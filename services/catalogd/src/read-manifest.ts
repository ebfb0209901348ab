import type { Manifest } from "@lakehouse/contracts";
import { assertManifest } from "./manifest-check.ts";
import { decodeManifest } from "./manifest-parquet.ts";

/** A manifest, or why the bytes are not one; then with the keys that they list, as far as they could be read. */
export type ReadManifest = { manifest: Manifest } | { damage: string; keys: string[]; hasTrapped: boolean };

/** Reasons go into logs and to `/ready`; what a file says may be long. */
const REASON_CHARACTERS_MAX = 300;

/** The manifest that the file of a dataset holds, checked in every field. */
export function readManifest(bytes: Uint8Array, name: string): ReadManifest {
  let keys: string[] = [];
  try {
    const manifest = decodeManifest(bytes);
    keys = manifest.objects.map(({ key }) => key);
    assertManifest(manifest, name);
    return { manifest };
  } catch (error) {
    return { damage: reasonOf(error), keys, hasTrapped: isTrap(error) };
  }
}

/** A trap of WebAssembly: what it had in its memory then stays there. */
function isTrap(error: unknown): boolean {
  return error instanceof Error && error.name === "RuntimeError";
}

function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return reason.length > REASON_CHARACTERS_MAX ? `${reason.slice(0, REASON_CHARACTERS_MAX - 1)}…` : reason;
}
