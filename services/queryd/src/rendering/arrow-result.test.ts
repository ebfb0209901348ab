import { buffer } from "node:stream/consumers";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { MapRow, RecordBatchReader, StructRow, type Table, tableFromIPC, Vector } from "apache-arrow";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { describeColumns } from "../engine/describe-columns.ts";
import { literal } from "../sql/sql-quoting.ts";
import { arrowResult } from "./arrow-result.ts";

let connection: DuckDBConnection;

beforeAll(async () => {
  connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
  await connection.run("SET TimeZone = 'UTC'");
});

async function stream(sql: string): Promise<Buffer> {
  const columns = await describeColumns(connection, { sql, parameters: [] });
  return buffer(arrowResult({ connection, sql, parameters: [], columns, startedAt: performance.now() }));
}

const table = async (sql: string): Promise<Table> => tableFromIPC(await stream(sql));

async function batchLengths(sql: string): Promise<number[]> {
  return Array.from(RecordBatchReader.from(await stream(sql)), ({ numRows }) => numRows);
}

/** A column's values: lists as arrays, structs and maps as pairs, bytes as hex, decimals as the text of a whole number. */
function values(column: Vector | null): unknown[] {
  return Array.from(column!, plain);
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (value instanceof Vector) return values(value);
  if (value instanceof StructRow || value instanceof MapRow)
    return Array.from(value, ([name, one]) => [name, plain(one)]);
  return typeof value === "object" && value !== null ? String(value) : value;
}

describe("every type of DuckDB", () => {
  test.each<[string, string, unknown]>([
    ["true", "Bool", true],
    ["(-128)::TINYINT", "Int8", -128],
    ["255::UTINYINT", "Uint8", 255],
    ["(-32768)::SMALLINT", "Int16", -32768],
    ["65535::USMALLINT", "Uint16", 65535],
    ["(-7)::INTEGER", "Int32", -7],
    ["4294967295::UINTEGER", "Uint32", 4294967295],
    ["9223372036854775807", "Int64", 9223372036854775807n],
    ["18446744073709551615::UBIGINT", "Uint64", 18446744073709551615n],
    ["(-12345678901234567890123456789012345678)::HUGEINT", "Decimal[38e0]", "-12345678901234567890123456789012345678"],
    ["12::UHUGEINT", "Decimal[38e0]", "12"],
    ["'-1234567890123456789012345678901234567890'::BIGNUM", "Utf8", "-1234567890123456789012345678901234567890"],
    ["(-1.1)::DECIMAL(4,1)", "Decimal[4e+1]", "-11"],
    ["1.10::DECIMAL(9,3)", "Decimal[9e+3]", "1100"],
    ["1.10::DECIMAL(18,3)", "Decimal[18e+3]", "1100"],
    ["(-1.1)::DECIMAL(38,6)", "Decimal[38e+6]", "-1100000"],
    ["0.1::DOUBLE", "Float64", 0.1],
    ["'nan'::DOUBLE", "Float64", Number.NaN],
    ["0.1::FLOAT", "Float32", Math.fround(0.1)],
    ["''", "Utf8", ""],
    ["'é😀'", "Utf8", "é😀"],
    ["'longer than twelve bytes'", "Utf8", "longer than twelve bytes"],
    ["DATE '2024-02-29'", "Date32<DAY>", Date.UTC(2024, 1, 29)],
    ["TIME '03:04:05.000006'", "Time64<MICROSECOND>", 11045000006n],
    ["'03:04:05+02'::TIMETZ", "Utf8", "03:04:05+02"],
    ["'03:04:05.123456789'::TIME_NS", "Utf8", "03:04:05.123456789"],
    ["TIMESTAMP '2024-01-02 03:04:05.123'", "Timestamp<MICROSECOND>", Date.UTC(2024, 0, 2, 3, 4, 5, 123)],
    ["'2024-01-02 03:04:05'::TIMESTAMP_S", "Timestamp<MICROSECOND>", Date.UTC(2024, 0, 2, 3, 4, 5)],
    ["'2024-01-02 03:04:05.12'::TIMESTAMP_MS", "Timestamp<MILLISECOND>", Date.UTC(2024, 0, 2, 3, 4, 5, 120)],
    ["'2024-01-02 03:04:05.5'::TIMESTAMP_NS", "Timestamp<NANOSECOND>", Date.UTC(2024, 0, 2, 3, 4, 5, 500)],
    ["TIMESTAMPTZ '2024-01-02 03:04:05.5+02'", "Timestamp<MICROSECOND, UTC>", Date.UTC(2024, 0, 2, 1, 4, 5, 500)],
    ["INTERVAL '1 year 2 days 3 seconds'", "Utf8", "1 year 2 days 00:00:03"],
    ["'\\x00\\xFFab'::BLOB", "Binary", "00ff6162"],
    ["'0101'::BIT", "Utf8", "0101"],
    ["uuid 'f0000000-1234-0000-0000-00000000000a'", "FixedSizeBinary[16]", "f000000012340000000000000000000a"],
    ["'a\"b'::ENUM('a\"b', 'c')", "Utf8", 'a"b'],
    ["'POINT (1 2)'::GEOMETRY", "Binary", "0101000000000000000000f03f0000000000000040"],
    ["'{\"a\": 1}'::JSON", "Utf8", '{"a": 1}'],
    ["[1, NULL, 3]", "List<Int32>", [1, null, 3]],
    ["[]::VARCHAR[]", "List<Utf8>", []],
    ["[[1], [], NULL]", "List<List<Int32>>", [[1], [], null]],
    ["['a', 'b']::VARCHAR[2]", "List<Utf8>", ["a", "b"]],
    [
      "[[1, 2], [3, 4]]::INTEGER[2][2]",
      "List<List<Int32>>",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["[NULL]", "List<Int32>", [null]],
    [
      "{'a': 1, 'b \"c': NULL::INT}",
      'Struct<{a:Int32, b "c:Int32}>',
      [
        ["a", 1],
        ['b "c', null],
      ],
    ],
    [
      "MAP {'k': 1.50, 'l': NULL}",
      "Map<{key:Utf8, value:Decimal[3e+2]}>",
      [
        ["k", "150"],
        ["l", null],
      ],
    ],
    ["MAP {}::MAP(VARCHAR, INT)", "Map<{key:Utf8, value:Int32}>", []],
    [
      "union_value(s := 'x')::UNION(n INT, s VARCHAR)",
      "Struct<{null:Uint8, n:Int32, s:Utf8}>",
      [
        [null, 1],
        ["n", null],
        ["s", "x"],
      ],
    ],
    ["42::VARIANT", "Utf8", "42"],
    ["[42::VARIANT]", "List<Utf8>", ["42"]],
    ["[12::HUGEINT]", "List<Decimal[38e0]>", ["12"]],
    ["MAP {'k': 12::UHUGEINT}", "Map<{key:Utf8, value:Decimal[38e0]}>", [["k", "12"]]],
    ["[INTERVAL 1 MONTH]", "List<Utf8>", ["1 month"]],
    ["['03:04:05+02'::TIMETZ]", "List<Utf8>", ["03:04:05+02"]],
    ["['x'::ENUM('x')]", "List<Utf8>", ["x"]],
    ["row(1::HUGEINT)", "Struct<{null:Decimal[38e0]}>", [[null, "1"]]],
    [
      "[uuid '0000000a-0000-0000-0000-000000000001']",
      "List<FixedSizeBinary[16]>",
      ["0000000a000000000000000000000001"],
    ],
    ["[1.5::DECIMAL(4,1), NULL]", "List<Decimal[4e+1]>", ["15", null]],
  ])("%s", async (select, type, value) => {
    const read = await table(`SELECT ${select} AS x UNION ALL SELECT NULL`);
    expect(String(read.schema.fields)).toBe(`x: ${type}`);
    expect(read.schema.fields[0]!.nullable).toBe(true);
    expect(values(read.getChildAt(0))).toEqual([value, null]);
  });

  test("every type of test_all_types(), and NULL of each", async () => {
    // Two whose values have more digits than Arrow's decimals.
    const read = await table("SELECT * EXCLUDE (hugeint, uhugeint) FROM test_all_types()");
    expect(read.numCols).toBeGreaterThan(50);
    for (let index = 0; index < read.numCols; index++) expect(read.getChildAt(index)!.get(2)).toBeNull();
  });

  test("a whole number of more than 38 digits is refused", async () => {
    await expect(table("SELECT 170141183460469231731687303715884105727::HUGEINT")).rejects.toThrow("DECIMAL(38,0)");
  });
});

describe("batches", () => {
  test("rows keep the order of ORDER BY, over many chunks and threads", async () => {
    const sql = "SELECT range AS i, 'row number ' || range AS t FROM range(100_000) ORDER BY i % 7, i DESC";
    const read = await table(sql);
    const expected = (await connection.runAndReadAll(sql)).getRows();
    expect(values(read.getChildAt(0))).toEqual(expected.map(([i]) => i));
    expect(values(read.getChildAt(1))).toEqual(expected.map(([, t]) => t));
  });

  test("are of 8192 rows, also where the engine's chunks are small", async () => {
    expect(await batchLengths("FROM range(20_000)")).toEqual([8_192, 8_192, 3_616]);
    const few = await batchLengths("FROM range(1_000_000) t(i) WHERE i % 100 = 0");
    expect(few.reduce((sum, length) => sum + length)).toBe(10_000);
    expect(few.length).toBeLessThanOrEqual(2);
  });

  test("are smaller where rows are large: of a chunk", async () => {
    expect(await batchLengths("SELECT repeat('x', 10_000) FROM range(5_000)")).toEqual([2_048, 2_048, 904]);
    expect(await batchLengths("SELECT {'a': [repeat('x', 10_000)]} FROM range(5_000)")).toEqual([2_048, 2_048, 904]);
  });

  test("of no rows there is none: schema and end", async () => {
    const sql = "SELECT 1 AS a, 'x' AS A, [1] AS b WHERE false";
    expect(await batchLengths(sql)).toEqual([0]); // which the reader makes up
    const { schema, numRows } = await table(sql);
    expect([numRows, String(schema.fields)]).toEqual([0, "a: Int32,A_1: Utf8,b: List<Int32>"]);
  });
});

/** How values of a type are written in SQL, and read back. */
interface AnyType {
  sql: string;
  value: fc.Arbitrary<{ literal: string; read: unknown }>;
}

function scalar<T>(sql: string, arbitrary: fc.Arbitrary<T>, text: (value: T) => string, read: (value: T) => unknown) {
  return { sql, value: arbitrary.map((value) => ({ literal: literal(text(value)), read: read(value) })) };
}

const same = <T>(value: T) => value;
const whole = (digits: number) => fc.bigInt({ min: 1n - 10n ** BigInt(digits), max: 10n ** BigInt(digits) - 1n });
// Lengths on both sides of what the engine holds inline.
const anyText = fc
  .string({ unit: "grapheme", maxLength: 30 })
  .filter((text) => !text.includes("\0") && text.isWellFormed());
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const scalars: AnyType[] = [
  scalar("VARCHAR", anyText, same, same),
  scalar("BLOB", fc.uint8Array({ maxLength: 30 }), (bytes) => hex(bytes).replaceAll(/../g, "\\x$&"), hex),
  scalar("BOOLEAN", fc.boolean(), String, same),
  scalar("SMALLINT", fc.integer({ min: -32_768, max: 32_767 }), String, same),
  scalar("BIGINT", fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), String, same),
  scalar("DOUBLE", fc.double({ noNaN: true }), (value) => (Object.is(value, -0) ? "-0" : String(value)), same),
  scalar("DECIMAL(7,0)", whole(7), String, String),
  scalar("HUGEINT", whole(38), String, String),
  scalar("UUID", fc.uuid(), same, (uuid) => uuid.replaceAll("-", "")),
];

/** Types in types, with NULL anywhere but for a map's keys. */
const anyType = fc.letrec<{ type: AnyType }>((tie) => ({
  type: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(...scalars),
    tie("type").map(listOf),
    tie("type").map(mapOf),
    fc.tuple(tie("type"), tie("type")).map(structOf),
  ),
})).type;

function orNull({ sql, value }: AnyType): AnyType["value"] {
  return fc.option(value).map((some) => ({ literal: `${some?.literal ?? "NULL"}::${sql}`, read: some?.read ?? null }));
}

function listOf(item: AnyType): AnyType {
  const items = fc.array(orNull(item), { maxLength: 4 });
  return {
    sql: `${item.sql}[]`,
    value: items.map((all) => ({
      literal: `[${all.map((one) => one.literal).join(", ")}]`,
      read: all.map((one) => one.read),
    })),
  };
}

function mapOf(item: AnyType): AnyType {
  const entries = fc.uniqueArray(fc.tuple(anyText, orNull(item)), { maxLength: 3, selector: ([key]) => key });
  return {
    sql: `MAP(VARCHAR, ${item.sql})`,
    value: entries.map((all) => ({
      literal: `MAP {${all.map(([key, one]) => `${literal(key)}: ${one.literal}`).join(", ")}}`,
      read: all.map(([key, one]) => [key, one.read]),
    })),
  };
}

function structOf([a, b]: [AnyType, AnyType]): AnyType {
  return {
    sql: `STRUCT(a ${a.sql}, b ${b.sql})`,
    value: fc.tuple(orNull(a), orNull(b)).map(([first, second]) => ({
      literal: `{'a': ${first.literal}, 'b': ${second.literal}}`,
      read: [
        ["a", first.read],
        ["b", second.read],
      ],
    })),
  };
}

test("whatever the values, nested or NULL, over chunks and batches: they come back as they were", async () => {
  const pool = anyType.chain((type) => {
    return fc.record({ sql: fc.constant(type.sql), some: fc.array(orNull(type), { minLength: 1, maxLength: 8 }) });
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(pool, { minLength: 1, maxLength: 3 }),
      fc.integer({ max: 5_000, min: 0 }),
      async (pools, count) => {
        const columns = pools.map(({ sql, some }, index) => {
          const list = `[${some.map((one) => one.literal).join(", ")}]::${sql}[]`;
          return `(${list})[1 + (i * 7) % ${some.length}] AS c${index}`;
        });
        const read = await table(`SELECT ${columns.join(", ")} FROM range(${count}) t(i)`);
        expect(read.numRows).toBe(count);
        for (const [index, { some }] of pools.entries()) {
          const expected = Array.from({ length: count }, (_, i) => some[(i * 7) % some.length]!.read);
          if (count > 0) expect(values(read.getChildAt(index))).toEqual(expected);
        }
      },
    ),
    { numRuns: 30, endOnFailure: true },
  );
}, 120_000);
