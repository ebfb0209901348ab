import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  bytesOf,
  describeS3Server,
  findTool,
  httpCall,
  MiB,
  type S3Credentials,
  type S3Server,
  s3Call,
  temporaryFolder,
  writeS3Secrets,
} from "@lakehouse/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { extensions, hasHttpfs, type S3Lakehouse, startS3Lakehouse } from "./s3-lakehouse.ts";

const run = promisify(execFile);
const policies = fileURLToPath(new URL("../../../docs/policies", import.meta.url));
/** MinIO's client, which makes keys: `scripts/test-tools mcli`. */
const mcli = findTool("mcli");
if (!mcli)
  console.warn("!!! NOT TESTED: keys by MinIO's client. It is not on this machine; scripts/test-tools mcli fetches it");

const reader = { access_key_id: "queryd", secret_access_key: "queryd-secret" };
const writer = { access_key_id: "storaged", secret_access_key: "storaged-secret" };

describeS3Server("minio", (server) => {
  let lakehouse: S3Lakehouse | undefined;

  beforeAll(async () => {
    if (!mcli || !hasHttpfs) return;
    await makeKey(server(), writer, "storaged-read-write.json");
    await makeKey(server(), reader, "queryd-read-only.json");
    lakehouse = await startS3Lakehouse(server(), { object_access: "cache" }, writer);
    await lakehouse.ingest("workers", "id,name\n1,Ada\n2,Bo\n");
  });

  afterAll(async () => lakehouse?.[Symbol.asyncDispose]());

  test.skipIf(!mcli || !hasHttpfs)("docs/policies/storaged-read-write.json is all that storaged needs", async () => {
    const { storaged } = lakehouse!;
    const call = (method: string, path: string, body?: Buffer) =>
      httpCall(method, storaged.url, path, body ? { body } : {}).then(({ status }) => status);
    expect(await call("PUT", "/storage/put/large", bytesOf(20 * MiB))).toBe(200);
    expect(await call("GET", "/storage/get/large")).toBe(200);
    expect(await call("GET", "/storage/get/none")).toBe(404);
    expect(await call("GET", "/storage/list")).toBe(200);
    expect(await call("DELETE", "/storage/delete/large")).toBe(204);
    expect(await call("GET", "/ready")).toBe(200);
    expect(storaged.log()).not.toContain("could not be swept");
  });

  test.skipIf(!mcli || !hasHttpfs)("docs/policies/queryd-read-only.json is all that queryd needs", async () => {
    await answersWith(lakehouse!, reader);
  });

  test.skipIf(!mcli || !hasHttpfs)("and that key can neither write, remove, list, nor read anything else", async () => {
    await expectReadOnly(server(), lakehouse!);
  });
});

describeS3Server("versitygw", (server) => {
  let lakehouse: S3Lakehouse | undefined;

  beforeAll(async () => {
    if (!hasHttpfs) return;
    await makeAccount(server(), reader);
    lakehouse = await startS3Lakehouse(server(), { object_access: "cache" });
    const policy = await readFile(join(policies, "queryd-read-only-bucket.json"), "utf8");
    expect(await s3Call("PUT", `${server().endpoint}/lakehouse?policy=`, server().credentials, policy)).toBeLessThan(
      300,
    );
    await lakehouse.ingest("workers", "id,name\n1,Ada\n2,Bo\n");
  });

  afterAll(async () => lakehouse?.[Symbol.asyncDispose]());

  test.skipIf(!hasHttpfs)("docs/policies/queryd-read-only-bucket.json is all that queryd needs", async () => {
    await answersWith(lakehouse!, reader);
  });

  test.skipIf(!hasHttpfs)("and that key can neither write, remove, list, nor read anything else", async () => {
    await expectReadOnly(server(), lakehouse!);
  });
});

/** As docs/operations.md has it, for MinIO. */
async function makeKey({ endpoint, credentials }: S3Server, key: S3Credentials, policy: string): Promise<void> {
  await using folder = await temporaryFolder();
  const { access_key_id, secret_access_key } = credentials;
  const mc = (...args: string[]) => run(mcli!, ["--config-dir", folder.path, ...args]);
  await mc("alias", "set", "lake", endpoint, access_key_id, secret_access_key);
  const pair = ["--access-key", key.access_key_id, "--secret-key", key.secret_access_key];
  await mc("admin", "accesskey", "create", "lake/", ...pair, "--policy", join(policies, policy));
}

/** As docs/operations.md has it, for VersityGW. */
async function makeAccount({ endpoint, credentials }: S3Server, key: S3Credentials): Promise<void> {
  const admin = ["admin", "--access", credentials.access_key_id, "--secret", credentials.secret_access_key];
  const user = ["create-user", "--access", key.access_key_id, "--secret", key.secret_access_key, "--role", "user"];
  await run(findTool("versitygw")!, [...admin, "--endpoint-url", endpoint, ...user]);
}

/** A queryd of its own, with this key and no other. */
async function answersWith(lakehouse: S3Lakehouse, key: S3Credentials): Promise<void> {
  const secrets = join(lakehouse.folder, "queryd.toml");
  await writeS3Secrets(secrets, { primary: key });
  const config = { object_access: "httpfs", extension_directory: extensions };
  await using queryd = await lakehouse.startQueryd(config, secrets);
  const answer = await lakehouse.ask({ sql: "SELECT name FROM workers ORDER BY id" }, { queryd });
  expect(await answer.json()).toMatchObject({ rows: [["Ada"], ["Bo"]] });
}

async function expectReadOnly({ endpoint, credentials }: S3Server, lakehouse: S3Lakehouse): Promise<void> {
  const list = (await (await fetch(`${lakehouse.storaged.url}/storage/list?prefix=datasets/`)).json()) as {
    objects: { key: string }[];
  };
  const object = `${endpoint}/lakehouse/${list.objects[0]!.key}`;
  const elsewhere = `${endpoint}/lakehouse-of-others/secret`;
  for (const url of [`${endpoint}/lakehouse/_vectors/x.lhv1`, elsewhere])
    expect(await s3Call("PUT", url, credentials, "secret")).toBe(200);
  expect(await s3Call("GET", object, reader)).toBe(200);
  const attempts = [
    s3Call("PUT", object, reader, "other"),
    s3Call("PUT", `${endpoint}/lakehouse/datasets/new`, reader, "other"),
    s3Call("DELETE", object, reader),
    s3Call("GET", `${endpoint}/lakehouse?list-type=2`, reader),
    s3Call("GET", `${endpoint}/lakehouse/_vectors/x.lhv1`, reader),
    s3Call("GET", elsewhere, reader),
    s3Call("PUT", elsewhere, reader, "other"),
    s3Call("PUT", `${endpoint}/another-bucket`, reader),
  ];
  expect(await Promise.all(attempts)).toEqual(attempts.map(() => 403));
  expect(await s3Call("GET", object, credentials)).toBe(200);
}
