import { type DataType, Field, Int64, List, Map_, Schema, Struct, Timestamp, TimeUnit, Utf8 } from "apache-arrow";

/** What a Parquet reader sees of a manifest (docs/decisions/0005-manifests-as-parquet.md). */
export const manifestFields: Field[] = [
  required("dataset_id", new Utf8()),
  required("name", new Utf8()),
  required("schema_fingerprint", new Utf8()),
  required("columns", listOf([required("name", new Utf8()), required("type", new Utf8())])),
  required(
    "objects",
    listOf([
      required("key", new Utf8()),
      required("size", new Int64()),
      required("row_count", new Int64()),
      optional("stats", statsByColumn()),
    ]),
  ),
  required("row_count", new Int64()),
  required("created_at", new Timestamp(TimeUnit.MILLISECOND, "UTC")),
  required("updated_at", new Timestamp(TimeUnit.MILLISECOND, "UTC")),
];

export const parquetColumns = new Schema(manifestFields);

/** A map, so that SQL can ask `objects[1].stats['zip'].min`. */
function statsByColumn(): DataType {
  const values = new Struct([
    optional("min", new Utf8()),
    optional("max", new Utf8()),
    required("null_count", new Int64()),
  ]);
  const entries: Struct = new Struct([required("key", new Utf8()), required<DataType>("value", values)]);
  return new Map_(required("entries", entries));
}

function listOf(fields: Field[]): DataType {
  return new List(required("element", new Struct(fields)));
}

function required<T extends DataType>(name: string, type: T): Field<T> {
  return new Field(name, type, false);
}

function optional<T extends DataType>(name: string, type: T): Field<T> {
  return new Field(name, type, true);
}
