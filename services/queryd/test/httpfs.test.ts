import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  eventually,
  findTool,
  type S3Server,
  type ServiceProcess,
  startS3Server,
  temporaryFolder,
} from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Engine } from "../src/engine/engine.ts";
import { HttpfsObjectAccess } from "../src/objects/object-access-httpfs.ts";
import { type Lakehouse, startLakehouse } from "./lakehouse.ts";

/** `scripts/tools minio httpfs` brings both. */
const extensions = fileURLToPath(new URL("../../../.tools/duckdb-extensions", import.meta.url));
const isPossible = findTool("minio") !== undefined && existsSync(extensions);

describe.skipIf(!isPossible)("objects in S3", () => {
  let server: S3Server;
  let lakehouse: Lakehouse;
  let secrets: Awaited<ReturnType<typeof temporaryFolder>>;
  const bucket = { name: "primary", backend: "s3" as const, region: "us-east-1", bucket: "lake", path_style: true };

  beforeAll(async () => {
    server = await startS3Server("minio");
    await server.makeBucket("lake");
    await server.makeBucket("lake-of-others");
    secrets = await temporaryFolder();
    const path = join(secrets.path, "secrets.toml");
    const { access_key_id, secret_access_key } = server.credentials;
    const table = `[s3.primary]\naccess_key_id = "${access_key_id}"\nsecret_access_key = "${secret_access_key}"\n`;
    await writeFile(path, table, { mode: 0o600 });
    lakehouse = await startLakehouse({
      secrets: path,
      storaged: { buckets: [{ ...bucket, endpoint: server.endpoint }] },
      queryd: { extension_directory: extensions },
    });
    await lakehouse.ingest("workers", "id,name\n1,Ada\n2,Bo\n");
  }, 60_000);

  afterAll(async () => {
    await lakehouse[Symbol.asyncDispose]();
    await server.close();
    await secrets.remove();
  });

  async function rows(sql: string, queryd: ServiceProcess): Promise<unknown> {
    const response = await lakehouse.ask({ sql }, { queryd });
    const answer = (await response.json()) as { rows?: unknown };
    return answer.rows ?? answer;
  }

  const modeOf = async (queryd: ServiceProcess) =>
    ((await (await fetch(`${queryd.url}/ready`)).json()) as { checks: { objects: unknown } }).checks.objects;

  test("auto takes httpfs where it loads, and reads by it", async () => {
    expect(await modeOf(lakehouse.queryd)).toEqual({ status: "ok", details: { object_access: "httpfs" } });
    expect(await rows("SELECT name FROM workers ORDER BY id", lakehouse.queryd)).toEqual([["Ada"], ["Bo"]]);
    await lakehouse.ingest("workers", "id,name\n3,Cy\n");
    expect(await rows("FROM workers", lakehouse.queryd)).toEqual([[3, "Cy"]]);
  });

  test("auto takes the cache where httpfs does not load", async () => {
    const queryd = await lakehouse.startQueryd({ extension_directory: join(lakehouse.folder, "nowhere") });
    expect(await modeOf(queryd)).toEqual({ status: "ok", details: { object_access: "cache" } });
    expect(queryd.log()).toContain("this object access does not work");
    expect(await rows("SELECT count(*) FROM workers", queryd)).toEqual([[1]]);
    await queryd.stop();
  });

  test("no credential, endpoint or path is in any answer or log", async () => {
    const statements = [
      "EXPLAIN ANALYZE SELECT sum(id) FROM workers",
      "SELECT * FROM duckdb_secrets()",
      "SELECT * FROM which_secret('s3://lake/x', 's3')",
      "SELECT current_setting('s3_secret_access_key')",
      "SELECT * FROM duckdb_settings()",
      "SELECT * FROM 's3://lake/datasets/workers/x.parquet'",
      `SELECT * FROM '${server.endpoint}/lake/x.csv'`,
      "FROM workers",
    ];
    const texts = await Promise.all(statements.map(async (sql) => (await lakehouse.ask({ sql })).text()));
    const { access_key_id, secret_access_key } = server.credentials;
    for (const hidden of [access_key_id, secret_access_key, "s3://lake/datasets/workers/9"]) {
      expect(texts.join("\n").replaceAll("s3://lake/datasets/workers/x.parquet", "")).not.toContain(hidden);
      expect(lakehouse.queryd.log()).not.toContain(hidden);
    }
  });

  test("a store that is gone fails what it has to be asked for, until it is back, without a restart", async () => {
    const queryd = await lakehouse.startQueryd({ extension_directory: extensions, refresh_every: "5s" });
    expect(await rows("SELECT count(*) FROM workers", queryd)).toEqual([[1]]);
    await lakehouse.ingest("late", "a\n1\n");
    await server.kill();
    expect(await rows("FROM late", queryd)).toMatchObject({ code: "dataset_unavailable" });
    await server.restart();
    await eventually("the dataset is tried again", async () => Array.isArray(await rows("FROM late", queryd)), 30_000);
    await queryd.stop();
  }, 60_000);

  test("the engine itself reaches nothing but the one bucket", async () => {
    const access = new HttpfsObjectAccess({
      bucket: { ...bucket, endpoint: server.endpoint },
      credentials: server.credentials,
      extensionDirectory: extensions,
      install: false,
    });
    const engine = await Engine.open({
      memoryLimitBytes: 64 * 2 ** 20,
      threads: 1,
      spillFolder: join(secrets.path, "spill"),
      allowedFolders: access.allowedFolders,
      prepare: (connection) => access.prepare(connection),
    });
    const connection = await engine.freshConnection();
    const attempt = (sql: string) =>
      connection.runAndReadAll(sql).then(
        (reader) => JSON.stringify(reader.getRowsJson()),
        (error: Error) => `refused: ${error.message}`,
      );
    for (const sql of [
      "SELECT * FROM read_text('s3://lake-of-others/x')",
      "SELECT * FROM read_text('s3://lake/../lake-of-others/x')",
      `SELECT * FROM read_text('${server.endpoint}/lake/x')`,
      "SELECT * FROM read_text('http://127.0.0.1:9/x')",
      "SELECT * FROM read_text('/etc/passwd')",
      "COPY (SELECT 1) TO 's3://lake-of-others/x.csv'",
    ]) {
      expect(await attempt(sql), sql).toMatch(/^refused: /);
    }
    const secretsShown = await attempt("SELECT * FROM duckdb_secrets()");
    expect(secretsShown).not.toContain(server.credentials.secret_access_key);
    await engine.close();
  });
});
