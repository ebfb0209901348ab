import {
  type Caller,
  type Column,
  type DatasetObject,
  type Manifest,
  namePattern,
  type RegisterRequest,
} from "@lakehouse/contracts";
import {
  assertKey,
  assertMayWrite,
  assertName,
  DATASETS_PREFIX,
  isColumnType,
  isReservedKey,
  LakehouseError,
  seesAllDatasets,
} from "@lakehouse/core";
import { COLUMNS_MAX, OBJECTS_MAX } from "./limits.ts";
import { assertStats } from "./object-stats.ts";

/**
 * What a schema can't say of a register. The caller must see the dataset, and those whose objects it lists: they would be read
 * under this name.
 * @throws LakehouseError `invalid_name`, `invalid_fingerprint`, `invalid_key`, `invalid_type`, `invalid_request`, `forbidden_dataset`
 */
export function assertRegisterable(request: RegisterRequest, caller: Caller | undefined): void {
  assertDataset(request);
  assertMayWrite(caller, request.name);
  if (seesAllDatasets(caller)) return;
  for (const { key } of request.objects) assertMayServe(caller, key);
}

/** An object that lies in no dataset's folder is nobody's, so only who sees every dataset may serve it. */
function assertMayServe(caller: Caller | undefined, key: string): void {
  const [folder, dataset = ""] = key.split("/");
  if (`${folder}/` === DATASETS_PREFIX) assertMayWrite(caller, dataset);
  else if (!caller?.datasets.includes("*")) {
    const sentence = `The object key ${show(key)} lies in no dataset's folder; a token with a datasets limit may not register it.`;
    throw new LakehouseError("forbidden_dataset", sentence);
  }
}

type Dataset = Pick<Manifest, "name" | "schema_fingerprint" | "columns" | "objects">;

/**
 * What holds for a dataset wherever it comes from: a request, or a stored file.
 * @throws LakehouseError as `assertRegisterable`
 */
export function assertDataset({ name, schema_fingerprint, columns, objects }: Dataset): void {
  assertName(name);
  assertFingerprint(schema_fingerprint);
  assertCount("columns", columns.length, COLUMNS_MAX);
  assertCount("objects", objects.length, OBJECTS_MAX);
  for (const column of columns) assertColumn(column);
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  for (const object of objects) assertObject(object, types);
}

function assertFingerprint(fingerprint: string): void {
  if (namePattern.test(fingerprint)) return;
  const sentence = "schema_fingerprint is 1 to 128 of A-Z a-z 0-9 _ . - with a letter, digit or _ first.";
  throw new LakehouseError("invalid_fingerprint", sentence);
}

function assertCount(what: string, count: number, max: number): void {
  if (count <= max) return;
  throw new LakehouseError("invalid_request", `${what}: there are ${count}; a dataset has at most ${max}.`);
}

function assertColumn({ name, type }: Column): void {
  assertColumnName(name);
  if (isColumnType(type)) return;
  const sentence = `The column ${show(name)} has the type ${show(type)}, which queryd does not know.`;
  throw new LakehouseError("invalid_type", sentence, { details: { column: name } });
}

/** A lone surrogate has no UTF-8, so a Parquet file can't keep it; at a NUL the engine's SQL would end. */
function assertColumnName(name: string): void {
  if (name.isWellFormed() && !name.includes("\0")) return;
  throw new LakehouseError("invalid_request", `The column name ${show(name)} has a NUL or is not Unicode.`);
}

function assertObject(object: DatasetObject, types: ReadonlyMap<string, string>): void {
  assertDataKey(object.key);
  for (const column of Object.keys(object.stats ?? {})) assertColumnName(column);
  assertStats(object, types);
}

/**
 * An object may lie anywhere, in the folder of another dataset too, but not where other services keep what is theirs: queryd
 * would serve it, and it is no dataset's data.
 */
function assertDataKey(key: string): void {
  assertKey(key);
  if (!isReservedKey(key) || key.startsWith(DATASETS_PREFIX)) return;
  throw new LakehouseError("invalid_key", `The object key ${show(key)} lies where a service keeps what is its own.`);
}

function show(text: string): string {
  return JSON.stringify(text.length > 160 ? `${text.slice(0, 159)}…` : text);
}
