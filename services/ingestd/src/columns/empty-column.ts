import type { RowBlock } from "../csv/tokenizer.ts";
import { TextColumn } from "./text-column.ts";

/** A column that had no value so far, and that text only stands for: a first value has to decide its type. */
export class EmptyColumn extends TextColumn {
  override append(block: RowBlock, column: number): number {
    const { rows, columns, starts, ends } = block;
    for (let row = 0, field = column; row < rows; row++, field += columns) {
      if (starts[field] !== ends[field]) return row;
    }
    return super.append(block, column);
  }
}
