import type { ColumnType } from "@lakehouse/contracts";
import { readBoolean } from "./boolean.ts";
import { DAY_LENGTH, readDay } from "./day.ts";
import { readDouble } from "./double.ts";
import { InstantReader } from "./instant.ts";
import { readLongInteger, readShortInteger } from "./integer.ts";

/** A set of types is a number with one bit for each. From narrow to wide: the first that every value reads as is the column's. */
export const typeBits = {
  BIGINT: 1,
  DOUBLE: 2,
  BOOLEAN: 4,
  DATE: 8,
  TIMESTAMP: 16,
  TIMESTAMPTZ: 32,
  VARCHAR: 64,
} as const satisfies Record<ColumnType, number>;

/** What a column with no value reads as. */
export const ALL_TYPES = 127;

const instant = new InstantReader();

/** The types that one value, not empty, reads as without loss by the spellings of SPEC §5; VARCHAR is always among them. */
export function classify(bytes: Uint8Array, start: number, end: number): number {
  return typeBits.VARCHAR | (classifyNumber(bytes, start, end) || classifyOther(bytes, start, end));
}

/** The narrowest type of a set; of ALL_TYPES, a column without a value, VARCHAR. */
export function narrowestType(types: number): ColumnType {
  if (types === ALL_TYPES) return "VARCHAR";
  const narrowToWide = Object.entries(typeBits) as [ColumnType, number][];
  const [type] = narrowToWide.find(([, bit]) => (types & bit) !== 0) ?? ["VARCHAR" as const];
  return type;
}

function classifyNumber(bytes: Uint8Array, start: number, end: number): number {
  const isDouble = !Number.isNaN(readDouble(bytes, start, end));
  const isInteger =
    !Number.isNaN(readShortInteger(bytes, start, end)) || readLongInteger(bytes, start, end) !== undefined;
  return (isDouble ? typeBits.DOUBLE : 0) | (isInteger ? typeBits.BIGINT : 0);
}

function classifyOther(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === DAY_LENGTH) return Number.isNaN(readDay(bytes, start)) ? 0 : typeBits.DATE;
  if (length > DAY_LENGTH) {
    if (!instant.read(bytes, start, end)) return 0;
    return instant.zoned ? typeBits.TIMESTAMPTZ : typeBits.TIMESTAMP;
  }
  return Number.isNaN(readBoolean(bytes, start, end)) ? 0 : typeBits.BOOLEAN;
}
