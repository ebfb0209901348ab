import type { RowReader } from "../csv/row-reader.ts";
import type { RowBlock } from "../csv/tokenizer.ts";
import { ALL_TYPES, classify, typeBits } from "../spelling/classify.ts";

/**
 * For each column the set of types ({@link typeBits}) that every value reads as, over the rows up to `bytes_max` of the file.
 * @param onBlock is shown each block too
 */
export function inferTypes(
  reader: RowReader,
  columns: number,
  bytesMax: number,
  onBlock?: (block: RowBlock) => void,
): number[] {
  const types = new Array<number>(columns).fill(ALL_TYPES);
  while (reader.position < bytesMax) {
    const block = reader.nextBlock();
    if (block === undefined) break;
    for (let column = 0; column < columns; column++) types[column] = narrow(types[column]!, block, column);
    onBlock?.(block);
  }
  return types;
}

/** @returns `types` without those that a value of the column does not read as */
function narrow(types: number, { bytes, rows, columns, starts, ends }: RowBlock, column: number): number {
  let left = types;
  for (let row = 0, field = column; row < rows && left !== typeBits.VARCHAR; row++, field += columns) {
    const start = starts[field]!;
    const end = ends[field]!;
    if (start === end) continue;
    left &= end < 0 ? typeBits.VARCHAR : classify(bytes, start, end);
  }
  return left;
}
