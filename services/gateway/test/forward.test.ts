import { once } from "node:events";
import { createServer, get, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { openaiErrorSchema } from "@lakehouse/contracts";
import { eventually, freePort, httpCall, openRawConnection, startFakeUpstream } from "@lakehouse/testing";
import { describe, expect, it } from "vitest";
import { openGateway } from "./open-gateway.ts";

/** A gateway before one upstream that stands for all services. */
function openBefore(url: string, request_timeout = 10_000) {
  const urls = { queryd_url: url, storaged_url: `${url}/sub/path`, ingestd_url: url, chatd_url: url, embedd_url: url };
  return openGateway({ gateway: { ...urls, request_timeout } });
}

/** An upstream that sees bodies as they come. */
async function openUpstream(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close };
}

describe("the gateway", () => {
  it.each(["csv", "text/", "/", "a b/c"])(
    "leaves it to the service what the Content-Type %o is worth",
    async (type) => {
      await using upstream = await startFakeUpstream((_request, response) => void response.end("taken"));
      await using gateway = await openBefore(upstream.url);
      const call = { headers: { "content-type": type }, body: "payload" };
      const answer = await httpCall("PUT", gateway.url, "/v1/storage/put/a", call);
      expect([answer.status, upstream.requests[0]!.headers["content-type"]]).toEqual([200, type]);
      expect(String(upstream.requests[0]!.body)).toBe("payload");
    },
  );

  it("passes method, path, query, headers and body on, and status, headers and body back", async () => {
    await using upstream = await startFakeUpstream((_request, response) => {
      response.writeHead(418, { "x-answer": "yes", "set-cookie": ["a=1", "b=2"], "content-type": "text/x" }).end("tea");
    });
    await using gateway = await openBefore(upstream.url);
    const answer = await fetch(`${gateway.url}/v1/storage/put/a%2Fb%25?bucket=x%20y`, {
      method: "PUT",
      body: "payload",
      headers: { "x-request-id": "r-1", traceparent: "00-1-2-01", authorization: "Bearer t", "content-type": "text/y" },
    });
    expect([answer.status, answer.headers.get("x-answer"), await answer.text()]).toEqual([418, "yes", "tea"]);
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(answer.headers.get("x-request-id")).toBe("r-1");
    const [seen] = upstream.requests;
    expect([seen?.method, seen?.url, String(seen?.body)]).toEqual([
      "PUT",
      "/sub/path/storage/put/a%2Fb%25?bucket=x%20y",
      "payload",
    ]);
    const passed = {
      "x-request-id": "r-1",
      traceparent: "00-1-2-01",
      authorization: "Bearer t",
      "content-type": "text/y",
    };
    expect(seen?.headers).toMatchObject(passed);
  });

  it("keeps headers of one connection to that connection", async () => {
    await using upstream = await startFakeUpstream((_request, response) => {
      response.writeHead(200, { connection: "x-private, keep-alive", "x-private": "1", "x-public": "2" }).end();
    });
    await using gateway = await openBefore(upstream.url);
    await using client = await openRawConnection(gateway.url);
    client.send(
      "GET /v1/sql HTTP/1.1\r\nhost: localhost\r\nconnection: x-mine, keep-alive\r\nx-mine: 1\r\nte: gzip\r\nx-kept: 2\r\n\r\n",
    );
    const [head] = await client.receives(/^HTTP\/1\.1 200[\s\S]*\r\n\r\n/);
    expect(head).toContain("x-public: 2");
    expect(head).not.toContain("x-private");
    const { headers } = upstream.requests[0]!;
    expect([headers["x-mine"], headers.te, headers["x-kept"]]).toEqual([undefined, undefined, "2"]);
  });

  it("passes a request id that it made on and back", async () => {
    await using upstream = await startFakeUpstream((_request, response) => void response.end());
    await using gateway = await openBefore(upstream.url);
    const answer = await fetch(`${gateway.url}/v1/sql`);
    expect(upstream.requests[0]?.headers["x-request-id"]).toBe(answer.headers.get("x-request-id"));
  });

  it("streams an upload before it is complete, and the answer before that is", async () => {
    await using upstream = await openUpstream((request, response) => {
      response.writeHead(200);
      request.on("data", (chunk) => response.write(`saw ${chunk};`));
      request.on("end", () => response.end("end"));
    });
    await using gateway = await openBefore(upstream.url);
    await using client = await openRawConnection(gateway.url);
    client.send("POST /v1/ingest HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n");
    await client.receives(/saw one;/);
    client.send("3\r\ntwo\r\n");
    await client.receives(/saw two;/);
    client.send("0\r\n\r\n");
    await client.receives(/end\r\n0\r\n/);
  });

  it("answers 100-continue", async () => {
    await using upstream = await startFakeUpstream((request, response) => void response.end(`got ${request.body}`));
    await using gateway = await openBefore(upstream.url);
    await using client = await openRawConnection(gateway.url);
    client.send("POST /v1/ingest HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n");
    await client.receives(/^HTTP\/1\.1 100 Continue/);
    client.send("body");
    await client.receives(/got body/);
  });

  it("hands an early answer to a client that is still sending, and the connection stays usable", async () => {
    await using upstream = await openUpstream((_request, response) => void response.writeHead(413).end("too large"));
    await using gateway = await openBefore(upstream.url);
    await using client = await openRawConnection(gateway.url);
    client.send("POST /v1/ingest HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2000000\r\n\r\n");
    client.send(Buffer.alloc(1_000_000));
    await client.receives(/413[\s\S]*too large/);
    client.send(Buffer.alloc(1_000_000));
    client.send("GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await client.receives(/"service":"gateway"/);
  });

  it.each(["while it waits", "while it uploads", "while it downloads"])(
    "aborts the upstream call of a client that leaves %s",
    async (when) => {
      let closed = false;
      let arrived = false;
      await using upstream = await openUpstream((request, response) => {
        arrived = true;
        request.on("error", () => {});
        request.socket.on("close", () => {
          closed = true;
        });
        if (when === "while it downloads") Readable.from(endless()).pipe(response);
        else request.resume();
      });
      await using gateway = await openBefore(upstream.url);
      await using client = await openRawConnection(gateway.url);
      const length = when === "while it uploads" ? "content-length: 1000\r\n" : "";
      client.send(`POST /v1/sql HTTP/1.1\r\nhost: localhost\r\n${length}\r\n${length && "first bytes"}`);
      await eventually("the upstream has the request", () => arrived);
      client.cut();
      await eventually("the upstream call is aborted", () => closed);
    },
  );

  it("breaks the connection when the upstream breaks off, so that the answer can't pass for complete", async () => {
    await using upstream = await openUpstream((_request, response) => {
      response.write("half");
      setImmediate(() => response.destroy());
    });
    await using gateway = await openBefore(upstream.url);
    const answer = await fetch(`${gateway.url}/v1/sql`);
    await expect(answer.text()).rejects.toThrow();
  });

  it("takes an answer at the client's pace: what the client does not read stays with the upstream", async () => {
    const piece = Buffer.alloc(2 ** 20);
    const total = 256 * piece.length;
    let sent = 0;
    const answer = function* () {
      for (; sent < total; sent += piece.length) yield piece;
    };
    await using upstream = await openUpstream((_request, response) => void Readable.from(answer()).pipe(response));
    await using gateway = await openBefore(upstream.url);
    const response = await new Promise<IncomingMessage>((resolve) => get(`${gateway.url}/v1/sql`, resolve));
    let [before, unchanged] = [0, 0];
    await eventually("the upstream waits", () => {
      unchanged = sent > 0 && sent === before ? unchanged + 1 : 0;
      before = sent;
      return unchanged === 30;
    });
    expect(sent).toBeLessThan(total / 4);
    let received = 0;
    for await (const chunk of response) received += chunk.length;
    expect(received).toBe(total);
  });

  it("tells which service can't be reached, and which is too slow", async () => {
    await using nobody = await openBefore(`http://127.0.0.1:${await freePort()}`);
    const unreachable = await fetch(`${nobody.url}/v1/sql`);
    expect(unreachable.status).toBe(502);
    expect(await unreachable.json()).toMatchObject({ code: "upstream_unavailable", details: { upstream: "queryd" } });

    await using silent = await startFakeUpstream(() => new Promise(() => {}));
    await using impatient = await openBefore(silent.url, 200);
    const slow = await fetch(`${impatient.url}/v1/sql`);
    expect(slow.status).toBe(504);
    expect(await slow.json()).toMatchObject({ code: "upstream_timeout", details: { upstream: "queryd" } });
  });

  it("passes what OpenAI's clients ask for on, and tells them in that API's shape what it can't", async () => {
    await using upstream = await startFakeUpstream((request, response) => void response.end(request.url));
    await using gateway = await openBefore(upstream.url);
    for (const path of ["/chat/completions", "/models", "/embeddings"]) {
      expect(await (await fetch(`${gateway.url}/v1${path}`, { method: "POST" })).text()).toBe(path);
    }
    await upstream.close();
    for (const [path, service] of [
      ["/chat/completions", "chatd"],
      ["/models", "chatd"],
      ["/embeddings", "embedd"],
    ]) {
      const answer = await fetch(`${gateway.url}/v1${path}`, { method: "POST" });
      const { error, details } = openaiErrorSchema.parse(await answer.json());
      expect([answer.status, error.code, details]).toEqual([502, "upstream_unavailable", { upstream: service }]);
    }
    const other = await fetch(`${gateway.url}/v1/chat`, { method: "POST" });
    expect(await other.json()).toMatchObject({ error: expect.any(String), code: "upstream_unavailable" });
  });

  it("gathers the health of all in /v1/status", async () => {
    await using upstream = await startFakeUpstream((_request, response) => void response.end("{}"));
    await using gateway = await openBefore(upstream.url);
    const answer = await fetch(`${gateway.url}/v1/status`);
    const { status, services } = (await answer.json()) as { status: string; services: Record<string, object> };
    expect([answer.status, status]).toEqual([200, "degraded"]);
    expect(services).toMatchObject({ queryd: { status: "ok" }, storaged: { status: "ok" } });
    expect(Object.keys(services)).toHaveLength(9);
  });

  it("has no other routes", async () => {
    await using gateway = await openBefore("http://127.0.0.1:1");
    for (const path of ["/sql", "/v1", "/v1/nope", "/v1/storage", "/v1/sqlx"]) {
      expect([path, (await fetch(gateway.url + path)).status]).toEqual([path, 404]);
    }
  });
});

function* endless() {
  for (;;) yield Buffer.alloc(65_536);
}
