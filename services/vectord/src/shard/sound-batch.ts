import { metadataSchema } from "@lakehouse/contracts";
import type { Batch } from "../formats/batch.ts";
import { DamagedError } from "../formats/damaged-error.ts";
import { idFault } from "../formats/id-fault.ts";
import { isDeeperThan } from "../formats/json-depth.ts";
import { JSON_DEPTH_MAX } from "../formats/limits.ts";
import type { Parameters } from "../formats/log-record.ts";
import { vectorFault } from "./distance.ts";

/**
 * Checks that a batch of the log could have come from an add or a delete. Anybody who can write to the bucket can write a log.
 * @param owns true for the items to check; the others belong to another shard
 * @throws DamagedError
 */
export function assertSound(batch: Batch, parameters: Parameters, owns: (id: string) => boolean): void {
  if (!batch.isWhole()) throw new DamagedError("The texts of a batch are not where it says.");
  const dimension = batch.operation === "add" ? parameters.dimension : 0;
  if (batch.count > 0 && batch.dimension !== dimension) {
    throw new DamagedError(`A batch has vectors of ${batch.dimension} numbers; the index takes ${dimension}.`);
  }
  const seen = new Set<string>();
  for (let index = 0; index < batch.count; index++) {
    const id = batch.id(index);
    if (!owns(id)) continue;
    const fault = seen.has(id) ? "its id is in the batch twice" : itemFault(batch, index, id, parameters);
    if (fault !== undefined) throw new DamagedError(`The item ${index} of a batch can't be served: ${fault}.`);
    seen.add(id);
  }
}

function itemFault(batch: Batch, index: number, id: string, { distance }: Parameters): string | undefined {
  const fault = idFault(id);
  if (fault !== undefined || batch.operation === "delete") return fault;
  return vectorFault(batch.vector(index), distance) ?? metadataFault(batch.metadata(index));
}

function metadataFault(json: string | undefined): string | undefined {
  if (json === undefined) return undefined;
  if (json.length > JSON_DEPTH_MAX && isDeeperThan(JSON_DEPTH_MAX, Buffer.from(json))) {
    return `its metadata is nested over ${JSON_DEPTH_MAX} deep`;
  }
  return isObjectText(json) ? undefined : "its metadata is not a JSON object";
}

function isObjectText(json: string): boolean {
  try {
    return metadataSchema.safeParse(JSON.parse(json)).success;
  } catch {
    return false; // not JSON at all
  }
}
