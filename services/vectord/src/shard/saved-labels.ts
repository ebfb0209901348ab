import { DamagedError } from "../formats/damaged-error.ts";

/** The label of a row that the graph does not have, and the row of a label that was removed. */
const NONE = -1;

/**
 * @param labels by row, of a graph of so many vectors
 * @returns the row of each label
 * @throws DamagedError where they are not labels of this graph
 */
export function rowsByLabel(labels: Int32Array, size: number): Int32Array {
  const rows = new Int32Array(size).fill(NONE);
  // Not by an iterator: of a hundred thousand labels that takes forty milliseconds.
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (label === NONE) continue;
    if (rows[label] !== NONE) throw new DamagedError(`The label ${label} is not of this graph, or another row's too.`);
    rows[label] = row;
  }
  return rows;
}
