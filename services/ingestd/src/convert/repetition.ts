import { fieldText } from "../csv/field-text.ts";
import type { RowBlock } from "../csv/tokenizer.ts";
import { DICTIONARY_SAMPLE_VALUES } from "./limits.ts";

/** Columns of which fewer than this part of the sampled values are new get a dictionary. */
const DISTINCT_MAX = 0.5;

/**
 * Samples which columns repeat their values. A Parquet dictionary makes those smaller and faster to group by; for the others it
 * is given up by the writer only after it cost memory and time.
 */
export class Repetition {
  readonly #distinct: Set<string>[];
  #rows = 0;

  constructor(columns: number) {
    this.#distinct = Array.from({ length: columns }, () => new Set());
  }

  add(block: RowBlock): void {
    const rows = Math.min(block.rows, DICTIONARY_SAMPLE_VALUES - this.#rows);
    for (let row = 0; row < rows; row++) {
      for (const [column, values] of this.#distinct.entries())
        values.add(fieldText(block, row * block.columns + column));
    }
    this.#rows += rows;
  }

  repeats(column: number): boolean {
    return this.#distinct[column]!.size <= Math.max(1, this.#rows * DISTINCT_MAX);
  }
}
