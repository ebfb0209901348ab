import { LakehouseError } from "@lakehouse/core";

export function keyConflict(key: string, cause?: unknown): LakehouseError {
  const message = `The key ${JSON.stringify(key)} needs a folder where an object stands, or an object where a folder stands.`;
  return new LakehouseError("key_conflict", message, { cause });
}

export function keyNotFound(key: string): LakehouseError {
  return new LakehouseError("key_not_found", `No object has the key ${JSON.stringify(key)}.`);
}

export function storageFull(cause: unknown): LakehouseError {
  return new LakehouseError("storage_full", "The store has no room left; nothing was written.", { cause });
}

export function rangeNotSatisfiable(size: number): LakehouseError {
  return new LakehouseError("range_not_satisfiable", `The object has ${size} bytes; none of them is in the range.`, {
    details: { size },
  });
}

/** A fault of ours: HTTP ends no body before or behind its length. */
export function wrongLength(expected: number, actual: number): Error {
  return new Error(`A body that was said to have ${expected} bytes has ${actual}.`);
}
