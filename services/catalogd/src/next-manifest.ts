import type { DatasetObject, Manifest, RegisterRequest } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import { datasetId } from "./dataset-id.ts";
import { OBJECTS_MAX } from "./limits.ts";

/**
 * What a dataset's manifest becomes when `request` is registered over `current`, which has the same schema.
 * `now` is a clock's reading in milliseconds; `updated_at` moves forward even where the clock does not.
 * @throws LakehouseError `invalid_request` where rows can't be counted exactly any more, or there are too many objects
 */
export function nextManifest(current: Manifest | undefined, request: RegisterRequest, now: number): Manifest {
  const updatedAt = current === undefined ? now : Math.max(now, Date.parse(current.updated_at) + 1);
  const { objects, row_count } = nextObjects(current, request);
  return {
    dataset_id: current?.dataset_id ?? datasetId(request.name),
    name: request.name,
    schema_fingerprint: request.schema_fingerprint,
    columns: current?.columns ?? request.columns,
    objects,
    row_count,
    created_at: current?.created_at ?? new Date(now).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
  };
}

type Rows = Pick<Manifest, "objects" | "row_count">;

function nextObjects(current: Manifest | undefined, request: RegisterRequest): Rows {
  if (current === undefined || request.mode === "replace") return onlyNew([], request);
  const added = onlyNew(current.objects, request);
  const row_count = current.row_count + added.row_count;
  if (!Number.isSafeInteger(row_count)) {
    throw new LakehouseError("invalid_request", "row_count: together with the rows that are there it is past 2^53.");
  }
  const objects = [...current.objects, ...added.objects];
  if (objects.length <= OBJECTS_MAX) return { objects, row_count };
  throw new LakehouseError("invalid_request", `objects: together with those that are there, over ${OBJECTS_MAX}.`);
}

/** No key twice. The row count is the client's word where all of its objects are new, else the sum over those that are. */
function onlyNew(listed: readonly DatasetObject[], request: RegisterRequest): Rows {
  const keys = new Set(listed.map(({ key }) => key));
  const objects = request.objects.filter(({ key }) => !keys.has(key) && keys.add(key));
  if (objects.length === request.objects.length) return { objects, row_count: request.row_count };
  return { objects, row_count: objects.reduce((sum, { row_count }) => sum + row_count, 0) };
}
