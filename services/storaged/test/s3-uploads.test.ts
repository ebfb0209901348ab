import { readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import {
  bytesOf,
  describeS3Server,
  describeS3Servers,
  eventually,
  httpCall,
  inChunks,
  MiB,
  makeS3Bucket,
  openRawConnection,
  type S3Server,
  startService,
  temporaryFolder,
} from "@lakehouse/testing";
import { expect, onTestFinished, test } from "vitest";
import { UploadNotes } from "../src/s3/upload-notes.ts";
import { openClient, openStore, temporaryNotes } from "./open-s3-store.ts";
import { openStoraged } from "./open-storaged.ts";

const DAY_MS = 24 * 3_600_000;

describeS3Servers((server) => {
  const open = async (limits = {}) =>
    openStoraged({ buckets: [await makeS3Bucket(server())], ...limits }, server().credentials);

  test("a chunked body that passes the cap leaves the old object, and no part", async () => {
    const { put, get } = await open({ max_put_bytes: 20 * MiB });
    await put("a", "old");
    async function* endless() {
      for (;;) yield bytesOf(65_536);
    }
    const refused = await put("a", endless());
    expect([refused.status, refused.json().code]).toEqual([413, "payload_too_large"]);
    expect(String((await get("a")).body)).toBe("old");
    expect(await server().multipartUploads()).toEqual([]);
    expect((await put("b", inChunks(bytesOf(20 * MiB)))).status).toBe(200);
  });

  test("the fifth upload at once is storage_busy; clients that vanish leave no object and no part", async () => {
    const { url, put, call } = await open();
    const held = await Promise.all([1, 2, 3, 4].map((index) => beginLargeUpload(url, `held-${index}`)));
    await eventually("four uploads are under way", async () => (await server().multipartUploads()).length === 4);
    const refused = await put("fifth", "x");
    expect([refused.status, refused.json().code, refused.headers["retry-after"]]).toEqual([503, "storage_busy", "5"]);

    for (const connection of held) connection.cut();
    await eventually("the parts are removed", async () => (await server().multipartUploads()).length === 0);
    await eventually("the slots are free", async () => (await put("fifth", "x")).status === 200);
    const { objects } = (await call("GET", "/storage/list")).json();
    expect(objects.map(({ key }: { key: string }) => key)).toEqual(["fifth"]);
  });

  test("a client that vanishes within the length it told leaves the old object, no part, and a free slot", async () => {
    const { url, put, get, metric } = await open({ put_slots: 1 });
    await put("a", "old");
    const connection = await openRawConnection(url);
    connection.send(`PUT /storage/put/a HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${20 * MiB}\r\n\r\n`);
    connection.send(bytesOf(10 * MiB));
    await eventually("its slot is taken", async () => (await metric("storaged_puts_in_flight"))?.endsWith(" 1"));
    connection.cut();
    await eventually("the slot is free", async () => (await put("b")).status === 200);
    expect(String((await get("a")).body)).toBe("old");
    expect(await server().multipartUploads()).toEqual([]);
  });

  test("kill -9 in the middle of an upload: objects stay, the parts are removed at the next start", async () => {
    await using folder = await temporaryFolder();
    const options = await serviceOptions(server(), folder.path);
    await using first = await startService("storaged", options);
    await httpCall("PUT", first.url, "/storage/put/a", { body: inChunks(bytesOf(9 * MiB)) });
    const notes = () => readdir(join(folder.path, ".uploads", "primary"));
    // Struck out by the first upload: 9 MiB are two parts.
    expect(await notes()).toEqual([]);
    await beginLargeUpload(first.url, "a");
    // As soon as the server has it: storaged may not even know yet.
    await eventually("the upload is under way", async () => (await server().multipartUploads()).length === 1);
    await first.stop("SIGKILL");
    expect(await server().multipartUploads()).toHaveLength(1);

    await using second = await startService("storaged", options);
    await eventually("the parts are removed", async () => (await server().multipartUploads()).length === 0);
    const kept = await httpCall("GET", second.url, "/storage/get/a");
    expect(kept.body.equals(bytesOf(9 * MiB))).toBe(true);
  });

  test("an upload that began without our knowing its id is removed by the next sweep; one to the same key that has parts is not", async () => {
    const config = await makeS3Bucket(server());
    const notesFolder = await temporaryNotes();
    const client = openClient(config, server());
    const at = { Bucket: config.bucket, Key: "a" };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
    await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: bytesOf(10) }));
    const dying = openClient(config, server());
    new UploadNotes(notesFolder).follow(dying);
    dying.middlewareStack.add((next) => async (call) => Promise.reject(new Error(`No answer: ${await next(call)}`)), {
      step: "initialize",
    });
    await expect(dying.send(new CreateMultipartUploadCommand(at))).rejects.toThrow("No answer");
    expect(await server().multipartUploads()).toHaveLength(2);

    const store = await openStore(config, server().credentials, { notesFolder });
    await store.sweep();
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: config.bucket, Prefix: "a" }));
    expect(Uploads.map((upload) => upload.UploadId)).toEqual([UploadId]);
    await client.send(new AbortMultipartUploadCommand({ ...at, UploadId }));
  });

  test("a part that reaches the server after its upload was ended is removed by the next sweep", async () => {
    const config = await makeS3Bucket(server());
    const notesFolder = await temporaryNotes();
    const dying = openClient(config, server());
    const notes = new UploadNotes(notesFolder);
    notes.follow(dying);
    const at = { Bucket: config.bucket, Key: "a" };
    const { UploadId } = await dying.send(new CreateMultipartUploadCommand(at));
    const ended = Promise.withResolvers<void>();
    const underWay = Promise.withResolvers<void>();
    async function* body() {
      // More than sockets hold: the server has taken the part in before the upload is ended.
      for (let sent = 0; sent < 32; sent++) yield bytesOf(MiB);
      underWay.resolve();
      await ended.promise;
      yield bytesOf(MiB);
    }
    const part = { ...at, UploadId, PartNumber: 1, Body: Readable.from(body()), ContentLength: 33 * MiB };
    const sending = dying.send(new UploadPartCommand(part)).catch(() => {}); // refused by MinIO, kept by VersityGW
    await underWay.promise;

    const store = await openStore(config, server().credentials, { notesFolder });
    await store.sweep();
    expect(await server().multipartUploads()).toEqual([]);
    ended.resolve();
    await sending;
    await store.sweep();
    expect(await server().multipartUploads()).toEqual([]);
  });

  test("one bucket on fs and one on S3, each with its own objects", async () => {
    const remote = { ...(await makeS3Bucket(server())), name: "remote" };
    const buckets = [{ name: "primary", backend: "fs" as const }, remote];
    const { put, get, call, folder } = await openStoraged({ buckets }, server().credentials);
    await put("a", "on disk");
    await put("a?bucket=remote", bytesOf(9 * MiB));
    await put("only/there?bucket=remote", "x");
    expect(String((await get("a")).body)).toBe("on disk");
    expect((await get("a?bucket=remote")).body.equals(bytesOf(9 * MiB))).toBe(true);
    expect((await get("only/there")).status).toBe(404);
    const keys = async (query: string) =>
      (await call("GET", `/storage/list${query}`)).json().objects.map(({ key }: { key: string }) => key);
    expect([await keys(""), await keys("?bucket=remote")]).toEqual([["a"], ["a", "only/there"]]);
    expect(await readdir(join(folder, "primary"))).toEqual(["a"]);

    await server().kill();
    expect((await get("a?bucket=remote")).json().code).toBe("storage_unavailable");
    expect((await get("a")).status).toBe(200);
    expect((await call("GET", "/ready")).json()).toMatchObject({ status: "degraded" });
    await server().restart();
    await eventually("both serve again", async () => (await get("a?bucket=remote")).status === 200);
    expect((await call("GET", "/ready")).json()).toMatchObject({ status: "ok" });
  });
});

// Of the two servers, this is the one that lists uploads. MinIO removes old ones by itself.
describeS3Server("versitygw", (server) => {
  test("a sweep removes another program's upload once it is a day old, and no younger one", async () => {
    const config = await makeS3Bucket(server());
    const client = openClient(config, server());
    const begin = (Key: string) => client.send(new CreateMultipartUploadCommand({ Bucket: config.bucket, Key }));
    const old = await begin("old");
    await begin("young");
    const folder = (await server().multipartUploads()).find((path) => path.endsWith(old.UploadId!))!;
    const longAgo = new Date(Date.now() - DAY_MS - 60_000);
    await utimes(join(server().dataFolder, folder), longAgo, longAgo);
    await (await openStore(config, server().credentials)).sweep();
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: config.bucket }));
    expect(Uploads.map(({ Key }) => Key)).toEqual(["young"]);
  });
});

/** More than a part of a body whose length nobody was told, so that a multipart upload has begun, and no end. */
async function beginLargeUpload(url: string, key: string) {
  const connection = await openRawConnection(url);
  onTestFinished(connection.cut);
  connection.send(`PUT /storage/put/${key} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n`);
  connection.send(`${(10 * MiB).toString(16)}\r\n`);
  connection.send(bytesOf(10 * MiB));
  return connection;
}

async function serviceOptions(server: S3Server, dataDir: string) {
  const { access_key_id, secret_access_key } = server.credentials;
  return {
    config: { storaged: { data_dir: dataDir, buckets: [await makeS3Bucket(server)] } },
    environment: { AWS_ACCESS_KEY_ID: access_key_id, AWS_SECRET_ACCESS_KEY: secret_access_key },
  };
}
