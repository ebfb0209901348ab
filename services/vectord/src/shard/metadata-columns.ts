import type { Condition, Filter } from "@lakehouse/contracts";
import { meets } from "@lakehouse/core/metadata-filter";
import type { Items } from "./items.ts";
import { FILTER_COLUMNS_MAX } from "./limits.ts";

const ABSENT = 0;

/** One metadata key over all slots: which of its distinct values each has. */
interface Column {
  /** By slot; 0 where the key is absent. */
  codes: Uint32Array;
  /** By code. */
  values: unknown[];
  /** By the value's JSON text. */
  codeOf: Map<string, number>;
}

/** A condition on a column: which codes meet it. */
interface Judged {
  codes: Uint32Array;
  /** By code, 1 where its value meets it. */
  met: Uint8Array;
}

/**
 * Metadata by column, so that a filter judges each distinct value once instead of parsing every item. A column is made when
 * a filter first names its key, and kept up from then on.
 */
export class MetadataColumns {
  readonly #items: Items;
  /** The one used last is last. */
  readonly #columns = new Map<string, Column>();

  constructor(items: Items) {
    this.#items = items;
  }

  /** Slots of the items that meet all conditions; there is at least one. */
  select(filter: Filter): Uint32Array {
    const [first, ...others] = filter.map(([key, condition]) => this.#judge(key, condition));
    return others.reduce(narrow, this.#selectBy(first!));
  }

  #judge(key: string, condition: Condition): Judged {
    const { codes, values } = this.#column(key);
    return {
      codes,
      met: Uint8Array.from(values, (value, code) => Number(code !== ABSENT && meets(value, condition))),
    };
  }

  #selectBy({ codes, met }: Judged): Uint32Array {
    const selected = new Uint32Array(this.#items.count);
    let size = 0;
    for (let slot = 0; slot < this.#items.slotCount; slot++) {
      if (met[codes[slot]!] === 1 && this.#items.isTaken(slot)) selected[size++] = slot;
    }
    return selected.subarray(0, size);
  }

  /** An item has come into this slot. */
  set(slot: number): void {
    if (this.#columns.size === 0) return;
    const metadata: object = JSON.parse(this.#items.metadataIn(slot));
    for (const [key, column] of this.#columns) {
      place(column, slot, key, metadata);
      // Values of items that are gone stay until there are too many of them; then the next filter makes the column anew.
      if (column.values.length > 2 * this.#items.count + FILTER_COLUMNS_MAX) this.#columns.delete(key);
    }
  }

  #column(key: string): Column {
    const column = this.#columns.get(key) ?? this.#build(key);
    this.#columns.delete(key);
    this.#columns.set(key, column);
    const [oldest] = this.#columns.keys();
    if (this.#columns.size > FILTER_COLUMNS_MAX) this.#columns.delete(oldest!);
    return column;
  }

  #build(key: string): Column {
    const column: Column = { codes: new Uint32Array(this.#items.slotCount), values: [undefined], codeOf: new Map() };
    for (let slot = 0; slot < this.#items.slotCount; slot++) {
      if (this.#items.isTaken(slot)) place(column, slot, key, JSON.parse(this.#items.metadataIn(slot)));
    }
    return column;
  }
}

/** In place. */
function narrow(slots: Uint32Array, { codes, met }: Judged): Uint32Array {
  let size = 0;
  for (const slot of slots) {
    if (met[codes[slot]!] === 1) slots[size++] = slot;
  }
  return slots.subarray(0, size);
}

function place(column: Column, slot: number, key: string, metadata: object): void {
  if (slot >= column.codes.length) {
    const grown = new Uint32Array(Math.ceil((slot + 1) * 1.5));
    grown.set(column.codes);
    column.codes = grown;
  }
  // Only a key of the item's own: "constructor" is one only where the item has it.
  column.codes[slot] = Object.hasOwn(metadata, key)
    ? codeOf(column, (metadata as Record<string, unknown>)[key])
    : ABSENT;
}

function codeOf({ values, codeOf }: Column, value: unknown): number {
  const text = JSON.stringify(value);
  const known = codeOf.get(text);
  if (known !== undefined) return known;
  codeOf.set(text, values.length);
  return values.push(value) - 1;
}
