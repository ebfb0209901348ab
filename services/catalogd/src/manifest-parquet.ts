import { createHash } from "node:crypto";
import { type ColumnStats, type DatasetObject, type Manifest, manifestSchema } from "@lakehouse/contracts";
import { makeData, RecordBatch, Struct, Table, tableFromIPC, tableToIPC, vectorFromArray } from "apache-arrow";
import * as parquet from "parquet-wasm";
import { manifestFields, parquetColumns } from "./manifest-schema.ts";

/** In the file's key-value metadata: SHA-256 hex of the manifest as JSON. Parquet readers do not notice a flipped byte; this does. */
const DIGEST_KEY = "lakehouse.manifest_sha256";

/** One manifest as a Parquet file of one row. Lossless: `decodeManifest` gives back an equal one. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const row: Record<string, unknown> = toRow(manifest);
  const children = manifestFields.map((field) => vectorFromArray([row[field.name]], field.type).data[0]!);
  const data = makeData({ type: new Struct(manifestFields), length: 1, nullCount: 0, children });
  const table = new Table(parquetColumns, [new RecordBatch(parquetColumns, data)]);
  const properties = new parquet.WriterPropertiesBuilder()
    .setCompression(parquet.Compression.ZSTD)
    .setKeyValueMetadata(new Map([[DIGEST_KEY, digest(fromRow(toRow(manifest)))]]))
    .build();
  return parquet.writeParquet(parquet.Table.fromIPCStream(tableToIPC(table, "stream")), properties);
}

/** @throws Error that says what is wrong, where the bytes are not what `encodeManifest` made */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const table = tableFromIPC(parquet.readParquet(bytes).intoIPCStream());
  if (table.numRows !== 1) throw new Error(`it has ${table.numRows} rows instead of one`);
  const manifest = parsed(fromRow(table.get(0)!.toJSON() as unknown as ManifestRow));
  if (table.schema.metadata.get(DIGEST_KEY) !== digest(manifest))
    throw new Error("its content does not fit its digest");
  return manifest;
}

function parsed(value: Manifest): Manifest {
  const { data, error } = manifestSchema.safeParse(value);
  if (data) return data;
  const { path, message } = error.issues[0]!;
  throw new Error(`${path.map(String).join(".")}: ${message}`);
}

/** Of a manifest that `fromRow` made, whose keys therefore stand in a fixed order. */
function digest(manifest: Manifest): string {
  return createHash("sha256").update(JSON.stringify(manifest)).digest("hex");
}

/** As Arrow takes and gives it: counts are bigint, timestamps milliseconds, `min` and `max` JSON text. */
type StatsRow = { min: string | null; max: string | null; null_count: bigint };
type ObjectRow = { key: string; size: bigint; row_count: bigint; stats: Iterable<[string, StatsRow]> | null };
type ManifestRow = Omit<Manifest, "columns" | "objects" | "row_count" | "created_at" | "updated_at"> & {
  columns: Iterable<{ name: string; type: string }>;
  objects: Iterable<ObjectRow>;
  row_count: bigint;
  created_at: number;
  updated_at: number;
};

function toRow(manifest: Manifest): ManifestRow {
  return {
    ...manifest,
    objects: manifest.objects.map(toObjectRow),
    row_count: BigInt(manifest.row_count),
    created_at: Date.parse(manifest.created_at),
    updated_at: Date.parse(manifest.updated_at),
  };
}

function toObjectRow({ key, size, row_count, stats }: DatasetObject): ObjectRow {
  const entries = stats && new Map(Object.entries(stats).map(([column, values]) => [column, toStatsRow(values)]));
  return { key, size: BigInt(size), row_count: BigInt(row_count), stats: entries ?? null };
}

function toStatsRow({ min, max, null_count }: ColumnStats): StatsRow {
  return { min: toJsonText(min), max: toJsonText(max), null_count: BigInt(null_count) };
}

function fromRow(row: ManifestRow): Manifest {
  return {
    dataset_id: row.dataset_id,
    name: row.name,
    schema_fingerprint: row.schema_fingerprint,
    columns: Array.from(row.columns, ({ name, type }) => ({ name, type })),
    objects: Array.from(row.objects, fromObjectRow),
    row_count: Number(row.row_count),
    created_at: new Date(row.created_at).toISOString(),
    updated_at: new Date(row.updated_at).toISOString(),
  };
}

function fromObjectRow({ key, size, row_count, stats }: ObjectRow): DatasetObject {
  const object = { key, size: Number(size), row_count: Number(row_count) };
  if (stats === null) return object;
  const entries = Array.from(stats, ([column, values]) => [column, fromStatsRow(values)] as const);
  return { ...object, stats: Object.fromEntries(entries) };
}

function fromStatsRow({ min, max, null_count }: StatsRow): ColumnStats {
  return { min: fromJsonText(min), max: fromJsonText(max), null_count: Number(null_count) };
}

/** JSON text keeps "5" and 5 apart; no value at all is NULL. */
function toJsonText(value: ColumnStats["min"]): string | null {
  return value === null ? null : JSON.stringify(value);
}

function fromJsonText(text: string | null): ColumnStats["min"] {
  return text === null ? null : (JSON.parse(text) as ColumnStats["min"]);
}
