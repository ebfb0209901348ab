import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  answerJson,
  describeS3Server,
  type FakeUpstream,
  httpCall,
  type ServiceProcess,
  startFakeUpstream,
} from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lakehouse, startLakehouse } from "./lakehouse.ts";
import { type Places, placed, reachingStatements } from "./reaching-statements.ts";
import { extensions, hasHttpfs, startS3Lakehouse } from "./s3-lakehouse.ts";

/** Stands in every object and file that no query may show. */
const LEAK = "c0ffee-leak";

const modes = ["direct", "cache", ...(hasHttpfs ? ["httpfs"] : [])] as const;

describeS3Server("minio", (server) => {
  let web: FakeUpstream;
  let onFs: Lakehouse;
  let onS3: Lakehouse;
  const queryds = new Map<string, { lakehouse: Lakehouse; queryd: ServiceProcess; places: Places }>();

  beforeAll(async () => {
    web = await startFakeUpstream((_request, response) => answerJson(response, 200, { leak: LEAK }));
    [onFs, onS3] = await Promise.all([startLakehouse(), startS3Lakehouse(server(), { object_access: "cache" })]);
    const [{ object }] = await Promise.all([fill(onFs), fill(onS3)]);
    const common = { $WEB: web.url, $S3: server().endpoint };
    const inS3 = (bucket: string, key: string) => `s3://${bucket}/${key}`;
    const s3Places = {
      ...common,
      $OBJECT: inS3("lakehouse", object.key),
      $PRIVATE: inS3("lakehouse", "private/secret.csv"),
      $FOREIGN: inS3("lakehouse-of-others", "secret.csv"),
    };
    const at = (...path: string[]) => join(onFs.folder, ...path);
    await writeFile(at("secret.csv"), `a\n${LEAK}\n`);
    const fsPlaces = {
      ...common,
      $OBJECT: at("objects/primary", object.key),
      $PRIVATE: at("objects/primary/private/secret.csv"),
      $FOREIGN: at("secret.csv"),
    };
    queryds.set("direct", { lakehouse: onFs, queryd: onFs.queryd, places: fsPlaces });
    queryds.set("cache", { lakehouse: onS3, queryd: onS3.queryd, places: s3Places });
    if (!hasHttpfs) return;
    const config = { object_access: "httpfs", extension_directory: extensions };
    queryds.set("httpfs", { lakehouse: onS3, queryd: await onS3.startQueryd(config), places: s3Places });
  });

  afterAll(async () => {
    await Promise.all([onFs, onS3].map((lakehouse) => lakehouse[Symbol.asyncDispose]()));
    await web.close();
  });

  describe.each(modes)("hostile SQL under %s", (mode) => {
    test("the dataset is read, by its name", async () => {
      const { lakehouse, queryd } = queryds.get(mode)!;
      const ready = (await (await fetch(`${queryd.url}/ready`)).json()) as { checks: { objects: unknown } };
      expect(ready.checks.objects).toMatchObject({ details: { object_access: mode } });
      const answer = await lakehouse.ask({ sql: "SELECT name FROM workers ORDER BY id" }, { queryd });
      expect(await answer.json()).toMatchObject({ rows: [["Ada"], ["Bo"]] });
    });

    test(`nothing else is, in ${reachingStatements.length} ways, and nobody else is asked`, async () => {
      const { lakehouse, queryd, places } = queryds.get(mode)!;
      const told = [server().credentials.access_key_id, server().credentials.secret_access_key, LEAK];
      for (const statement of reachingStatements) {
        const sql = placed(statement, places);
        const answer = await lakehouse.ask({ sql }, { queryd });
        const text = await answer.text();
        expect([answer.status, JSON.parse(text).code], sql).toEqual([400, "statement_not_allowed"]);
        for (const secret of told) expect(text, sql).not.toContain(secret);
      }
      expect(web.requests).toEqual([]);
      for (const secret of told) expect(queryd.log()).not.toContain(secret);
    });
  });
});

/** The one dataset, and beside it what is nobody's to read. */
async function fill(lakehouse: Lakehouse) {
  const put = (key: string) => httpCall("PUT", lakehouse.storaged.url, `/storage/put/${key}`, { body: `a\n${LEAK}\n` });
  const { status } = await put("private/secret.csv");
  expect(status).toBe(200);
  await put("secret.csv?bucket=others"); // only where there is such a bucket
  return lakehouse.ingest("workers", "id,name\n1,Ada\n2,Bo\n");
}
