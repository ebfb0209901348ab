import { readBoolean } from "../spelling/boolean.ts";
import { NarrowColumn } from "./narrow-column.ts";

export class BooleanColumn extends NarrowColumn<number> {
  readonly type = "BOOLEAN";
  /** One byte a value, 1 or 0. */
  protected readonly values: Uint8Array;

  constructor(capacity: number) {
    super(capacity);
    this.values = new Uint8Array(capacity);
  }

  protected override write(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const value = readBoolean(bytes, start, end);
    this.values[index] = value;
    return !Number.isNaN(value);
  }

  protected override toJson(value: number): boolean {
    return value === 1;
  }

  /** One bit a value, lowest first. */
  protected override encode(values: Uint8Array): Uint8Array {
    const bits = new Uint8Array(Math.ceil(values.length / 8));
    for (let index = 0; index < values.length; index++) bits[index >> 3]! |= values[index]! << (index & 7);
    return bits;
  }
}
