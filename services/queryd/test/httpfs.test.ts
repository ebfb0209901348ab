import { join } from "node:path";
import {
  answerJson,
  describeS3Server,
  eventually,
  httpCall,
  type ServiceProcess,
  startFakeUpstream,
  temporaryFolder,
} from "@lakehouse/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Engine } from "../src/engine/engine.ts";
import { HttpfsObjectAccess } from "../src/objects/object-access-httpfs.ts";
import { extensions, hasHttpfs, type S3Lakehouse, startS3Lakehouse } from "./s3-lakehouse.ts";

const httpfs = { object_access: "httpfs", extension_directory: extensions };

describeS3Server("minio", (server) => {
  let lakehouse: S3Lakehouse;

  beforeAll(async () => {
    lakehouse = await startS3Lakehouse(server(), { extension_directory: extensions });
    await lakehouse.ingest("workers", "id,name\n1,Ada\n2,Bo\n");
  });

  afterAll(() => lakehouse[Symbol.asyncDispose]());

  async function rows(sql: string, queryd: ServiceProcess): Promise<unknown> {
    const response = await lakehouse.ask({ sql }, { queryd });
    const answer = (await response.json()) as { rows?: unknown };
    return answer.rows ?? answer;
  }

  const modeOf = async (queryd: ServiceProcess) =>
    ((await (await fetch(`${queryd.url}/ready`)).json()) as { checks: { objects: unknown } }).checks.objects;

  test.skipIf(!hasHttpfs)("auto takes httpfs where it loads, and reads by it", async () => {
    expect(await modeOf(lakehouse.queryd)).toEqual({ status: "ok", details: { object_access: "httpfs" } });
    expect(await rows("SELECT name FROM workers ORDER BY id", lakehouse.queryd)).toEqual([["Ada"], ["Bo"]]);
    await lakehouse.ingest("workers", "id,name\n3,Cy\n");
    expect(await rows("FROM workers", lakehouse.queryd)).toEqual([[3, "Cy"]]);
  });

  test.skipIf(!hasHttpfs)(
    "an object that contradicts its manifest, or is not Parquet, hurts its dataset alone",
    async () => {
      const { object } = await lakehouse.ingest("hurt", "a,b\n1,x\n");
      const put = (key: string, body: string | Buffer) =>
        fetch(`${lakehouse.storaged.url}/storage/put/${key}`, { method: "PUT", body });
      for (const body of ["", "x".repeat(object.size), "PAR1PAR1"]) {
        await put(object.key, body);
        await using queryd = await lakehouse.startQueryd(httpfs);
        expect(await rows("FROM hurt", queryd)).toMatchObject({ code: "dataset_unavailable" });
        expect(await rows("SELECT count(*) FROM workers", queryd)).toEqual([[1]]);
      }
      await fetch(`${lakehouse.catalogd.url}/catalog/manifest/hurt`, { method: "DELETE" });
    },
  );

  test("auto takes the cache where httpfs does not load", async () => {
    await using queryd = await lakehouse.startQueryd({ extension_directory: join(lakehouse.folder, "nowhere") });
    expect(await modeOf(queryd)).toEqual({ status: "ok", details: { object_access: "cache" } });
    expect(queryd.log()).toContain("this object access does not work");
    expect(await rows("SELECT count(*) FROM workers", queryd)).toEqual([[1]]);
  });

  test.skipIf(!hasHttpfs)("no credential and no place of an object is in a plan, an error or the log", async () => {
    const statements = ["EXPLAIN ANALYZE SELECT sum(id) FROM workers", "SELECT name::INT FROM workers", "FROM workers"];
    const texts = await Promise.all(statements.map(async (sql) => (await lakehouse.ask({ sql })).text()));
    const { access_key_id, secret_access_key } = server().credentials;
    for (const hidden of [access_key_id, secret_access_key, "s3://lakehouse/datasets"]) {
      expect(texts.join("\n")).not.toContain(hidden);
      expect(lakehouse.queryd.log()).not.toContain(hidden);
    }
  });

  test.skipIf(!hasHttpfs)("a store that is gone fails what has to be asked of it, until it is back", async () => {
    await using queryd = await lakehouse.startQueryd({ ...httpfs, refresh_every: "1s" });
    expect(await rows("SELECT count(*) FROM workers", queryd)).toEqual([[1]]);
    await lakehouse.ingest("late", "a\n1\n");
    await server().kill();
    expect(await rows("FROM late", queryd)).toMatchObject({ code: "dataset_unavailable" });
    await server().restart();
    await eventually("the dataset is tried again", async () => Array.isArray(await rows("FROM late", queryd)));
  });

  test.skipIf(!hasHttpfs)(
    "the engine itself, with no guard before it, reaches nothing but the one bucket",
    async () => {
      await using folder = await temporaryFolder();
      await using web = await startFakeUpstream((_request, response) => answerJson(response, 200, {}));
      const { url: storage } = lakehouse.storaged;
      for (const key of ["own", "secret?bucket=others"])
        await httpCall("PUT", storage, `/storage/put/${key}`, { body: "LEAK" });
      const access = new HttpfsObjectAccess({
        bucket: lakehouse.bucket,
        credentials: server().credentials,
        extensionDirectory: extensions,
        install: false,
      });
      const engine = await Engine.open({
        memoryLimitBytes: 64 * 2 ** 20,
        threads: 1,
        spillFolder: join(folder.path, "spill"),
        allowedFolders: access.allowedFolders,
        prepare: (connection) => access.prepare(connection),
      });
      const connection = await engine.freshConnection();
      const attempt = (sql: string) =>
        connection.runAndReadAll(sql).then(
          (reader) => JSON.stringify(reader.getRowsJson()),
          (error: Error) => `refused: ${error.message}`,
        );
      // So that a refusal below is not one for want of a file.
      expect(await attempt("SELECT content FROM read_text('s3://lakehouse/own')")).toBe('[["LEAK"]]');
      for (const sql of [
        "SELECT * FROM read_text('s3://lakehouse-of-others/secret')",
        "SELECT * FROM read_text('s3://lakehouse/../lakehouse-of-others/secret')",
        `SELECT * FROM read_text('${server().endpoint}/lakehouse/own')`,
        `SELECT * FROM read_text('${web.url}/x')`,
        `SELECT * FROM read_csv('${web.url}/x.csv')`,
        `INSTALL spatial FROM '${web.url}'`,
        `SET http_proxy = '${web.url}'`,
        `SET s3_endpoint = '${web.url}'`,
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY (SELECT 1) TO 's3://lakehouse-of-others/x.csv'",
      ]) {
        expect(await attempt(sql), sql).toMatch(/^refused: /);
      }
      const { access_key_id, secret_access_key } = server().credentials;
      expect(await attempt("SELECT * FROM duckdb_secrets()")).not.toContain(secret_access_key);
      for (const sql of ["SELECT * FROM duckdb_settings()", "SELECT current_setting('s3_access_key_id')"])
        expect(await attempt(sql)).not.toMatch(new RegExp(`${access_key_id}|${secret_access_key}`));
      expect(web.requests).toEqual([]);
      await engine.close();
    },
  );
});
