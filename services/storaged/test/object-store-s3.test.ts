import { PutObjectCommand } from "@aws-sdk/client-s3";
import {
  bytesOf,
  describeObjectStore,
  describeS3Servers,
  listPages,
  makeS3Bucket,
  putBytes,
  temporaryFolder,
} from "@lakehouse/testing";
import { expect, test } from "vitest";
import { openS3ObjectStore } from "../src/s3/object-store-s3.ts";
import { openClient, openStore } from "./open-s3-store.ts";

const TIMEOUT_MS = 10_000;
/** One more than S3 lists in an answer, and some. */
const MANY = 1_010;

/** VersityGW lists in plain XML, which has no U+FFFE and no U+FFFF. */
const takesKey = {
  minio: () => true,
  versitygw: (key: string) => !/[\ufffe\uffff]/u.test(key),
};

describeS3Servers((server, kind) => {
  const open = async () => {
    const folder = await temporaryFolder();
    const { credentials, multipartUploads } = server();
    const options = { credentials, timeoutMs: TIMEOUT_MS, notesFolder: folder.path };
    const store = openS3ObjectStore(await makeS3Bucket(server()), options);
    return {
      store,
      leftovers: multipartUploads,
      close: async () => {
        await store.close();
        await folder.remove();
      },
    };
  };
  describeObjectStore("S3", open, { takesKey: takesKey[kind] });

  test("a page is filled from several answers of S3, and names that are no key are left out", async () => {
    const config = await makeS3Bucket(server());
    const store = await openStore(config, server().credentials);
    const client = openClient(config, server());
    await client.send(new PutObjectCommand({ Bucket: config.bucket, Key: "～/", Body: Buffer.alloc(0) }));
    const keys = Array.from({ length: MANY }, (_, index) => `～/${String(index).padStart(4, "0")} 😀`);
    for (let from = 0; from < keys.length; from += 50) {
      await Promise.all(keys.slice(from, from + 50).map((key) => putBytes(store, key, bytesOf(1))));
    }
    expect(await listPages(store, "", 10_000)).toEqual([keys]);
    expect(await listPages(store, "～/", MANY - 1)).toEqual([keys.slice(0, -1), keys.slice(-1)]);
  });
});
