import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer as connectionServer } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import {
  bytesOf,
  describeS3Servers,
  getBytes,
  inChunks,
  listPages,
  MiB,
  makeS3Bucket,
  putBytes,
  s3BucketAt,
  startFaultProxy,
} from "@lakehouse/testing";
import { expect, onTestFinished, test } from "vitest";
import { openClient, openStore } from "./open-s3-store.ts";

const credentials = { access_key_id: "id", secret_access_key: "secret" };
const SHORT_MS = 300;

describeS3Servers((server) => {
  /** A store whose requests are counted on their way to the server. */
  async function openCounted() {
    const proxy = await startFaultProxy(server().endpoint);
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    let requests = 0;
    proxy.decide = () => {
      requests += 1;
      return { kind: "pass" };
    };
    const config = { ...(await makeS3Bucket(server())), endpoint: proxy.url };
    const store = await openStore(config, server().credentials);
    const requestsOf = async <T>(work: () => Promise<T>) => {
      requests = 0;
      const result = await work();
      return { result, requests };
    };
    return { store, config, requestsOf, requests: () => requests };
  }

  test("a conditional GET asks the server once, whatever the caller holds", async () => {
    const { store, requestsOf } = await openCounted();
    const etag = await putBytes(store, "a", bytesOf(3 * MiB));
    const range = { start: 5, end: 9 };
    for (const ifNoneMatch of [[etag], ['"x"', etag], [etag, '"x"'], "*"] as const) {
      for (const options of [{ ifNoneMatch }, { ifNoneMatch, range }]) {
        const { result, requests } = await requestsOf(() => store.get("a", options));
        expect([result.status, result.info.etag, requests]).toEqual(["not_modified", etag, 1]);
      }
    }
    for (const ifNoneMatch of [[], ['"x"'], ['"x"', '"y"']]) {
      const { result, requests } = await requestsOf(() => store.get("a", { ifNoneMatch }));
      expect([result.status, requests]).toEqual(["found", 1]);
    }
    const beyond = await store.get("a", { ifNoneMatch: ['"x"', etag], range: { start: 4 * MiB } });
    expect(beyond.status).toBe("not_modified");
  });

  // Around the sizes of signed chunks and of what is gathered.
  test.each([0, 1_000, MiB, MiB + 1, 2 * MiB + 65_535, 2 * MiB + 65_536, 20 * MiB])(
    "a PUT of %i bytes, whose length is told, is one request",
    async (size) => {
      const { store, config, requestsOf } = await openCounted();
      const bytes = bytesOf(size);
      const { requests } = await requestsOf(() => store.put("a", inChunks(bytes, 99_999), { size }));
      expect(requests).toBe(1);
      expect((await getBytes(store, "a")).equals(bytes)).toBe(true);
      const client = openClient(config, server());
      const { ContentEncoding } = await client.send(new HeadObjectCommand({ Bucket: config.bucket, Key: "a" }));
      expect(ContentEncoding ?? "").toBe("");
    },
  );

  test("a body whose bytes change on their way is refused, and not stored", async () => {
    const { hostname, port } = new URL(server().endpoint);
    const tampering = connectionServer((client) => {
      const upstream = connect(Number(port), hostname);
      client
        .on("data", (bytes) => upstream.write(bytes.map((byte) => (byte === 7 ? 8 : byte))))
        .on("end", () => upstream.end());
      upstream.pipe(client);
      for (const socket of [client, upstream]) socket.on("error", () => void [client.destroy(), upstream.destroy()]);
    }).listen(0, "127.0.0.1");
    await once(tampering, "listening");
    onTestFinished(() => void tampering.close());
    const config = await makeS3Bucket(server());
    const endpoint = `http://127.0.0.1:${(tampering.address() as AddressInfo).port}`;
    const store = await openStore({ ...config, endpoint }, server().credentials);
    const put = store.put("a", inChunks(Buffer.alloc(4 * MiB, 7)), { size: 4 * MiB });
    await expect(put).rejects.toMatchObject({ code: "storage_unavailable" });
    expect(await listPages(await openStore(config, server().credentials), "")).toEqual([[]]);
  });

  test("a body whose length is told is passed on as it comes", async () => {
    const { store, requests } = await openCounted();
    async function* body() {
      yield* inChunks(bytesOf(10 * MiB));
      expect(requests()).toBe(1);
      yield* inChunks(bytesOf(10 * MiB));
    }
    await store.put("a", body(), { size: 20 * MiB });
  });
});

/** Speaks as much of S3 as a PUT needs: once it lets the body come, or at once. */
async function startPutServer(answers: ((response: ServerResponse, takeBody: () => Promise<number>) => unknown)[]) {
  const server = createServer();
  let requests = 0;
  server.on("checkContinue", (request, response) => {
    requests += 1;
    void answers.shift()!(response, async () => {
      response.writeContinue();
      return (await buffer(request)).length;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const store = await openStore(s3BucketAt(`http://127.0.0.1:${port}`, "b"), credentials, { timeoutMs: SHORT_MS });
  return { store, requests: () => requests };
}

const refuse = (response: ServerResponse) =>
  response.writeHead(503, { connection: "close" }).end("<Error><Code>SlowDown</Code></Error>");
const size = 3 * MiB;

test("a server that refuses for the moment, before the body comes, is asked again", async () => {
  let taken = 0;
  const { store, requests } = await startPutServer([
    refuse,
    async (response, takeBody) => {
      taken = await takeBody();
      response.writeHead(200, { etag: '"e"' }).end();
    },
  ]);
  expect(await store.put("a", inChunks(bytesOf(size)), { size })).toEqual({ key: "a", size, etag: '"e"' });
  expect(requests()).toBe(2);
  expect(taken).toBeGreaterThan(size); // with the signatures of its chunks
});

test("a server that knows no signed chunks gets the body in parts", async () => {
  let taken = 0;
  const { store } = await startPutServer([
    (response) => response.writeHead(501, { connection: "close" }).end("<Error><Code>NotImplemented</Code></Error>"),
    async (response, takeBody) => {
      taken = await takeBody();
      response.writeHead(200, { etag: '"e"' }).end();
    },
  ]);
  expect(await store.put("a", inChunks(bytesOf(size)), { size })).toEqual({ key: "a", size, etag: '"e"' });
  expect(taken).toBe(size);
});

test("a body that has begun is never sent again", async () => {
  const takeAndRefuse = async (response: ServerResponse, takeBody: () => Promise<number>) => {
    await takeBody();
    refuse(response);
  };
  const { store, requests } = await startPutServer([takeAndRefuse, takeAndRefuse]);
  const put = store.put("a", inChunks(bytesOf(size)), { size });
  await expect(put).rejects.toMatchObject({ code: "storage_unavailable" });
  expect(requests()).toBe(1);
});

test("a client that is slower than the server may be is waited for", async () => {
  const { store } = await startPutServer([
    async (response, takeBody) => {
      await takeBody();
      response.writeHead(200, { etag: '"e"' }).end();
    },
  ]);
  async function* body() {
    yield bytesOf(MiB);
    await delay(3 * SHORT_MS);
    yield bytesOf(2 * MiB);
  }
  expect(await store.put("a", body(), { size })).toMatchObject({ size });
});

test("of a body that the server does not take, no more is read than sockets hold", async () => {
  const { store } = await startPutServer([(response) => response.writeContinue()]);
  let read = 0;
  async function* body() {
    for (; ; read += MiB) yield bytesOf(MiB);
  }
  const put = store.put("a", body(), { size: 1_000 * MiB });
  await expect(put).rejects.toMatchObject({ code: "storage_unavailable" });
  expect(read).toBeLessThan(32 * MiB);
});
