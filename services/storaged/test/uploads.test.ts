import { bytesOf, eventually, inChunks, MiB, openRawConnection } from "@lakehouse/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { openStoraged } from "./open-storaged.ts";

/** A PUT whose body never ends, so that it keeps its slot. */
async function beginUpload(url: string, key: string) {
  const connection = await openRawConnection(url);
  onTestFinished(connection.cut);
  connection.send(
    `PUT /storage/put/${key} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`,
  );
  return connection;
}

describe("caps", () => {
  const caps = { max_put_bytes: 1_000, prefix_caps: [{ prefix: "datasets/", max_put_bytes: 200_000 }] };

  test("an object at its cap passes, one byte more does not, by the longest prefix", async () => {
    const { put, uploads } = await openStoraged(caps);
    for (const [key, cap] of [
      ["a", 1_000],
      ["datasets/a", 200_000],
    ] as const) {
      expect((await put(key, bytesOf(cap))).status).toBe(200);
      expect((await put(key, inChunks(bytesOf(cap)))).status).toBe(200);
      for (const body of [bytesOf(cap + 1), inChunks(bytesOf(cap + 1))]) {
        const refused = await put(`${key}-large`, body);
        expect([refused.status, refused.json().code, refused.json().details]).toEqual([
          413,
          "payload_too_large",
          { limit_bytes: cap },
        ]);
      }
    }
    expect(await uploads()).toEqual([]);
  });

  test("a Content-Length over the cap is refused before a byte is sent", async () => {
    const { url } = await openStoraged(caps);
    await using connection = await openRawConnection(url);
    connection.send("PUT /storage/put/a HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1001\r\n\r\n");
    await connection.receives(/^HTTP\/1\.1 413 /);
  });

  test("a chunked body that passes the cap leaves the old object, and no temp file", async () => {
    const { put, get, uploads } = await openStoraged(caps);
    await put("a", "old");
    async function* endless() {
      for (;;) yield bytesOf(65_536);
    }
    expect((await put("a", endless())).status).toBe(413);
    expect(String((await get("a")).body)).toBe("old");
    expect(await uploads()).toEqual([]);
  });

  test("who waits for 100 Continue gets it for a body that is taken, and only then", async () => {
    const { url, get } = await openStoraged(caps);
    await using connection = await openRawConnection(url);
    connection.send(
      "PUT /storage/put/a HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n",
    );
    await connection.receives(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    connection.send("hello");
    await connection.receives(/HTTP\/1\.1 200 OK/);
    expect(String((await get("a")).body)).toBe("hello");

    await using refused = await openRawConnection(url);
    refused.send(
      "PUT /storage/put/a HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 5000\r\n\r\n",
    );
    await refused.receives(/^HTTP\/1\.1 413 /);
    expect(refused.received()).not.toContain("100 Continue");
  });

  test("a connection serves on after a refusal whose body it had to swallow", async () => {
    const { url } = await openStoraged(caps);
    await using connection = await openRawConnection(url);
    const body = "x".repeat(2_000);
    connection.send(`PUT /storage/put/a HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await connection.receives(/^HTTP\/1\.1 413 /);
    connection.send("GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await connection.receives(/HTTP\/1\.1 200 OK/);
  });
});

describe("slots", () => {
  test("the fifth upload at once is storage_busy, and nothing of it is read", async () => {
    const { url, put, get, metric } = await openStoraged();
    const held = await Promise.all([1, 2, 3, 4].map((index) => beginUpload(url, `held-${index}`)));
    await eventually("four slots are taken", async () => (await metric("storaged_puts_in_flight"))?.endsWith(" 4"));

    const refused = await put("fifth", bytesOf(MiB));
    expect([refused.status, refused.json().code, refused.headers["retry-after"]]).toEqual([503, "storage_busy", "5"]);
    await using connection = await openRawConnection(url);
    connection.send("PUT /storage/put/fifth HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n");
    await connection.receives(/^HTTP\/1\.1 503 /);

    expect((await get("held-1")).status).toBe(404);
    held[0]!.send("0\r\n\r\n");
    await held[0]!.receives(/^HTTP\/1\.1 200 /);
    expect((await put("fifth")).status).toBe(200);
    expect(String((await get("held-1")).body)).toBe("hello");
  });

  test("a client that vanishes leaves nothing and frees its slot", async () => {
    const { url, put, get, uploads } = await openStoraged({ put_slots: 1 });
    const connection = await beginUpload(url, "a");
    await eventually("the upload is under way", async () => (await uploads()).length === 1);
    connection.cut();
    await eventually("the temp file is gone", async () => (await uploads()).length === 0);
    await eventually("the slot is free", async () => (await put("b")).status === 200);
    expect((await get("a")).status).toBe(404);
  });

  test("a body shorter than its Content-Length is not stored", async () => {
    const { url, get, uploads } = await openStoraged();
    const connection = await openRawConnection(url);
    connection.send("PUT /storage/put/a HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nhello");
    await eventually("the upload is under way", async () => (await uploads()).length === 1);
    connection.cut();
    await eventually("the temp file is gone", async () => (await uploads()).length === 0);
    expect((await get("a")).status).toBe(404);
  });

  test("chunks that are not well-formed are not stored", async () => {
    const { url, get, uploads } = await openStoraged();
    const connection = await beginUpload(url, "a");
    await eventually("the upload is under way", async () => (await uploads()).length === 1);
    connection.send("zz\r\n");
    await eventually("the connection is closed", connection.isClosed);
    await eventually("the temp file is gone", async () => (await uploads()).length === 0);
    expect((await get("a")).status).toBe(404);
  });
});

describe("readers during an overwrite", () => {
  test("see the old object or the new one, whole", async () => {
    const { put, get } = await openStoraged();
    const versions = [bytesOf(2 * MiB, 1), bytesOf(2 * MiB + 1, 2)];
    await put("a", versions[0]!);
    let isWriting = true;
    const writing = (async () => {
      for (let round = 1; round <= 20; round++) await put("a", versions[round % 2]!);
      isWriting = false;
    })();
    while (isWriting) {
      const { body } = await get("a");
      expect(versions.some((version) => version.equals(body))).toBe(true);
    }
    await writing;
  });
});
