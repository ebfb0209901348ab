import type { Caller } from "@lakehouse/contracts";
import { LakehouseError } from "./lakehouse-error.ts";

/** What decides which datasets exist for a caller; undefined is a service that acts of its own accord, and sees all. */
type Viewer = Pick<Caller, "datasets" | "scopes"> | undefined;

/** True if the caller may see every dataset there can be. */
export function seesAllDatasets(viewer: Viewer): boolean {
  return viewer === undefined || (viewer.datasets.includes("*") && viewer.scopes.includes("observe"));
}

/** True if the dataset exists for this caller. A name that begins with `_` is the system's own and needs `observe` too. */
export function seesDataset(viewer: Viewer, name: string): boolean {
  if (viewer === undefined) return true;
  if (name.startsWith("_") && !viewer.scopes.includes("observe")) return false;
  return viewer.datasets.some((glob) => glob === "*" || matcherOf(glob).test(name));
}

/**
 * A write can't be answered as if the dataset were not there: it would make it.
 * @throws LakehouseError `forbidden_dataset`
 */
export function assertMayWrite(viewer: Viewer, name: string): void {
  if (seesDataset(viewer, name)) return;
  throw new LakehouseError("forbidden_dataset", `The token may not write a dataset called ${name}.`);
}

const matchers = new Map<string, RegExp>();

function matcherOf(glob: string): RegExp {
  let matcher = matchers.get(glob);
  if (matcher === undefined) {
    matcher = new RegExp(`^${glob.split("*").map(RegExp.escape).join(".*")}$`, "i");
    matchers.set(glob, matcher);
  }
  return matcher;
}
