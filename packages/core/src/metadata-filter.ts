import type { Condition, Filter, Metadata, Range, Scalar } from "@lakehouse/contracts";

/** Whether an item's metadata meets all conditions. Only keys of its own count: `constructor` is one only where the item has it. */
export function meetsFilter(metadata: Metadata, filter: Filter): boolean {
  return filter.every(([key, condition]) => Object.hasOwn(metadata, key) && meets(metadata[key], condition));
}

/**
 * Whether a metadata value meets a condition. Types count: `"3"` is not `3`. Of a value that is a list, one element is enough;
 * a key that is not there meets nothing.
 */
export function meets(value: unknown, condition: Condition): boolean {
  if (Array.isArray(value)) return value.some((element) => !Array.isArray(element) && meets(element, condition));
  if (Array.isArray(condition)) return condition.includes(value as Scalar);
  if (typeof condition === "object" && condition !== null) return isWithin(value, condition);
  return value === condition;
}

/** Numbers compare with numbers, texts with texts: dates as ISO texts work. */
function isWithin(value: unknown, { gt, gte, lt, lte }: Range): boolean {
  return (
    holds(value, gt, (a, b) => a > b) &&
    holds(value, gte, (a, b) => a >= b) &&
    holds(value, lt, (a, b) => a < b) &&
    holds(value, lte, (a, b) => a <= b)
  );
}

type Bound = string | number;

function holds(value: unknown, bound: Bound | undefined, compare: (a: Bound, b: Bound) => boolean): boolean {
  if (bound === undefined) return true;
  if (typeof value !== "number" && typeof value !== "string") return false;
  return typeof value === typeof bound && compare(value, bound);
}
