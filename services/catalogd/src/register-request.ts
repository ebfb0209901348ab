import { assertKey, assertName, LakehouseError, type RegisterRequest } from "@lakehouse/contracts";

/** SHA-256 in hexadecimal. */
const fingerprintPattern = /^[0-9a-f]{64}$/;

/**
 * What a schema can't say of a register. An object needs a valid key and nothing more.
 * @throws LakehouseError `invalid_name`, `invalid_fingerprint`, `invalid_key`, `invalid_request`
 */
export function assertRegisterable({ name, schema_fingerprint, columns, objects }: RegisterRequest): void {
  assertName(name);
  if (!fingerprintPattern.test(schema_fingerprint)) {
    const sentence = "schema_fingerprint is a SHA-256 as 64 lower-case hexadecimal digits.";
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
