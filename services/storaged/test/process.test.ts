import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  bytesOf,
  eventually,
  freePort,
  httpCall,
  MiB,
  openRawConnection,
  startService,
  temporaryFolder,
} from "@lakehouse/testing";
import { expect, test } from "vitest";

test("kill -9 in the middle of an upload: objects stay, the half one is swept at the next start", async () => {
  await using folder = await temporaryFolder();
  const config = { storaged: { data_dir: folder.path } };
  const uploads = () => readdir(join(folder.path, ".uploads", "primary"));
  await using first = await startService("storaged", { config });
  await httpCall("PUT", first.url, "/storage/put/kept", { body: bytesOf(3 * MiB) });

  await using connection = await openRawConnection(first.url);
  connection.send("PUT /storage/put/kept HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\nhalf an object");
  await eventually("the upload is under way", async () => (await uploads()).length === 1);
  expect(await first.stop("SIGKILL")).toBeNull();
  expect(await uploads()).toHaveLength(1);

  await using second = await startService("storaged", { config, port: first.port });
  await eventually("the half object is swept", async () => (await uploads()).length === 0);
  const kept = await httpCall("GET", second.url, "/storage/get/kept");
  expect(kept.body.equals(bytesOf(3 * MiB))).toBe(true);
});

test("a second storaged on the same port does not sweep the uploads of the first", async () => {
  await using folder = await temporaryFolder();
  const config = { storaged: { data_dir: folder.path } };
  await using first = await startService("storaged", { config });
  await using connection = await openRawConnection(first.url);
  connection.send("PUT /storage/put/a HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nhello");
  await eventually(
    "the upload is under way",
    async () => (await readdir(join(folder.path, ".uploads", "primary"))).length === 1,
  );

  await expect(startService("storaged", { config, port: first.port })).rejects.toThrow(`${first.port}`);
  connection.send("world");
  await connection.receives(/^HTTP\/1\.1 200 /);
  expect(String((await httpCall("GET", first.url, "/storage/get/a")).body)).toBe("helloworld");
});

test("SIGTERM lets an upload in flight finish", async () => {
  await using folder = await temporaryFolder();
  await using service = await startService("storaged", { config: { storaged: { data_dir: folder.path } } });
  await using connection = await openRawConnection(service.url);
  connection.send(
    "PUT /storage/put/a HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 10\r\n\r\nhello",
  );
  await eventually(
    "the upload is under way",
    async () => (await readdir(join(folder.path, ".uploads", "primary"))).length === 1,
  );
  const stopped = service.stop();
  await eventually("it is stopping", () => service.log().includes("stopping"));
  connection.send("world");
  await connection.receives(/^HTTP\/1\.1 200 /);
  expect(await stopped).toBe(0);
  expect(await readdir(join(folder.path, "primary"))).toEqual(["a"]);
});

test("an S3 bucket without credentials keeps it from starting, and says what is missing", async () => {
  const buckets = [{ name: "primary", backend: "s3", bucket: "b", endpoint: `http://127.0.0.1:${await freePort()}` }];
  const config = { storaged: { buckets }, secrets: { path: "/nowhere/secrets.toml" } };
  await expect(startService("storaged", { config })).rejects.toThrow("storaged.buckets primary has no credentials");
});

test("with S3 out of reach it starts, says so at /ready, and never shows a credential", async () => {
  const buckets = [{ name: "primary", backend: "s3", bucket: "b", endpoint: `http://127.0.0.1:${await freePort()}` }];
  const environment = { AWS_ACCESS_KEY_ID: "the-key-id", AWS_SECRET_ACCESS_KEY: "the-secret" };
  await using service = await startService("storaged", { config: { storaged: { buckets } }, environment });
  const ready = await httpCall("GET", service.url, "/ready");
  expect([ready.status, ready.json().status]).toEqual([503, "unavailable"]);
  const put = await httpCall("PUT", service.url, "/storage/put/a", { body: bytesOf(20 * MiB) });
  expect([put.status, put.json().code]).toEqual([503, "storage_unavailable"]);
  for (const text of [String(ready.body), String(put.body), service.log()])
    expect(text).not.toMatch(/the-key-id|the-secret/);
});
