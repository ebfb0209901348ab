import type { DatasetObject, RegisterRequest } from "@lakehouse/contracts";

export const FINGERPRINT = "a1".repeat(32);
export const OTHER_FINGERPRINT = "b2".repeat(32);

export function datasetObject(key: string, row_count = 10): DatasetObject {
  return { key, size: 100 * row_count, row_count };
}

/** A register of objects with these keys, ten rows each, unless told otherwise. */
export function registerRequest(
  name: string,
  keys: readonly string[] = [],
  overrides: Partial<RegisterRequest> = {},
): RegisterRequest {
  const objects = keys.map((key) => datasetObject(key));
  return {
    name,
    schema_fingerprint: FINGERPRINT,
    columns: [
      { name: "id", type: "BIGINT" },
      { name: "zip", type: "VARCHAR" },
    ],
    objects,
    row_count: objects.reduce((sum, { row_count }) => sum + row_count, 0),
    mode: "replace",
    ...overrides,
  };
}
