import type { IndexInfo } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";

/** Whether a distance in one of these indexes means the same in all. */
export function areComparable(infos: readonly IndexInfo[]): boolean {
  const [first] = infos;
  return infos.every(({ dimension, distance }) => dimension === first?.dimension && distance === first.distance);
}

/** @throws LakehouseError `corpora_incomparable` with what each of them is */
export function assertComparable(infos: readonly IndexInfo[]): void {
  if (areComparable(infos)) return;
  const kinds = infos.map(({ name, dimension, distance }) => ({ corpus: name, dimension, distance }));
  const listed = kinds.map(({ corpus, dimension, distance }) => `${corpus} ${dimension} ${distance}`).join(", ");
  const message = `Distances don't compare across these corpora (${listed}); "fusion":"rrf" merges by rank.`;
  throw new LakehouseError("corpora_incomparable", message, { details: { corpora: kinds } });
}
