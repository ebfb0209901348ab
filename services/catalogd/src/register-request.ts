import { assertKey, assertName, LakehouseError, namePattern, type RegisterRequest } from "@lakehouse/contracts";

/**
 * What a schema can't say of a register. An object needs a valid key and nothing more.
 * @throws LakehouseError `invalid_name`, `invalid_fingerprint`, `invalid_key`, `invalid_request`
 */
export function assertRegisterable({ name, schema_fingerprint, columns, objects }: RegisterRequest): void {
  assertName(name);
  if (!namePattern.test(schema_fingerprint)) {
    const sentence = "schema_fingerprint is 1 to 128 of A-Z a-z 0-9 _ . - with a letter, digit or _ first.";
    throw new LakehouseError("invalid_fingerprint", sentence);
  }
  for (const { key } of objects) assertKey(key);
  const statsColumns = objects.flatMap(({ stats }) => Object.keys(stats ?? {}));
  for (const text of columns.flatMap(({ name, type }) => [name, type]).concat(statsColumns)) assertWellFormed(text);
}

/** A lone surrogate has no UTF-8, so a Parquet file can't keep it. */
function assertWellFormed(text: string): void {
  if (text.isWellFormed()) return;
  throw new LakehouseError("invalid_request", `The column name or type ${JSON.stringify(text)} is not Unicode.`);
}
