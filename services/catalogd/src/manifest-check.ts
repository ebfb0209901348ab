import type { Manifest } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import { datasetId } from "./dataset-id.ts";
import { assertDataset } from "./register-request.ts";

/** Behind it `updated_at` could not move forward for long: RFC 3339 ends with the year 9999. */
const TIME_MAX = Date.UTC(9999, 0, 1);

/**
 * Checks what a stored file says against all that a register would have refused or made otherwise. The file's digest proves
 * that it was written whole, not that it was written by us.
 * @param name what the file is called after
 * @throws Error or LakehouseError that says what is wrong
 */
export function assertManifest(manifest: Manifest, name: string): void {
  if (manifest.name !== name) throw new Error(`It is the manifest of ${JSON.stringify(manifest.name.slice(0, 160))}.`);
  assertDataset(manifest);
  if (manifest.dataset_id !== datasetId(name)) throw new Error("Its dataset_id does not belong to its name.");
  assertDistinct(manifest);
  assertTimes(manifest);
}

function assertDistinct({ columns, objects }: Manifest): void {
  if (columns.length === 0) throw new Error("It has no columns.");
  if (new Set(columns.map(({ name }) => name.toLowerCase())).size < columns.length) {
    throw new LakehouseError("invalid_request", "A column is there twice; SQL ignores case.");
  }
  if (new Set(objects.map(({ key }) => key)).size < objects.length) throw new Error("It lists an object twice.");
}

function assertTimes({ created_at, updated_at }: Manifest): void {
  const created = Date.parse(created_at);
  const updated = Date.parse(updated_at);
  if (created > updated) throw new Error("It was updated before it was created.");
  if (created < 0 || updated >= TIME_MAX) throw new Error(`Its times are out of range: ${created_at}, ${updated_at}.`);
}
