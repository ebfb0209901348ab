import { type AddressInfo, connect } from "node:net";
import { errorBodySchema } from "@lakehouse/contracts";
import { httpCall, openRawConnection } from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer } from "../src/http/create-server.ts";
import { testPlatform } from "../src/process/platform.ts";

const LIMIT_BYTES = 64 * 2 ** 10;
const app = createServer(testPlatform("queryd"), { bodyLimitBytes: LIMIT_BYTES });
let url: string;

beforeAll(async () => {
  app.post("/take", async () => ({}));
  await app.listen({ host: "127.0.0.1", port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});
afterAll(() => app.close());

/** Far more than the buffers between two sockets hold, so that the sender is still sending when it is refused. */
const large = Buffer.alloc(16 * 2 ** 20, "a");
const headers = { "content-type": "application/json" };

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < large.length; at += LIMIT_BYTES) yield large.subarray(at, at + LIMIT_BYTES);
}

describe("a body over the limit", () => {
  it.each([
    ["with its length", () => large],
    ["in chunks", pieces],
  ])("%s is refused with an answer that its sender reads, not with a reset", async (_how, body) => {
    for (let round = 0; round < 10; round++) {
      const answer = await httpCall("POST", url, "/take", { headers, body: body() });
      expect([answer.status, answer.json().code]).toEqual([413, "payload_too_large"]);
      expect(answer.headers.connection).not.toBe("close");
    }
  });
});

it("a refusal reaches a sender that wants the connection closed, however late it reads", async () => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1").pause();
  const head = `POST /take HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n`;
  socket.write(`${head}content-length: ${large.length}\r\n\r\n`);
  for await (const piece of pieces()) await new Promise((sent) => socket.write(piece, sent));
  const answer = Buffer.concat(await socket.toArray()).toString();
  expect(answer).toMatch(/^HTTP\/1.1 413 .*payload_too_large/is);
});

describe("what Node itself would refuse without a word is refused in our shape", () => {
  it.each([
    ["no host", "GET /health HTTP/1.1\r\n\r\n", 400, "invalid_request"],
    ["an expectation", "GET /health HTTP/1.1\r\nhost: localhost\r\nexpect: bananas\r\n\r\n", 417, "expectation_failed"],
    ["a head that is none", "nonsense\r\n\r\n", 400, "invalid_request", /not well-formed HTTP/],
    [
      "a path with a space",
      "GET /a b HTTP/1.1\r\nhost: localhost\r\n\r\n",
      400,
      "invalid_request",
      /not well-formed HTTP/,
    ],
    ["a path that is not encoded", "GET /é HTTP/1.1\r\nhost: localhost\r\n\r\n", 400, "invalid_request", /HTTP: .*url/],
  ])("%s", async (_what, bytes, status, code, why = /./) => {
    await using connection = await openRawConnection(url);
    connection.send(bytes);
    const [answer, got] = await connection.receives(/^HTTP\/1.1 (\d+) .*\r\n\r\n\{.*\}/s);
    expect(Number(got)).toBe(status);
    const body = errorBodySchema.parse(JSON.parse(/\{.*\}/.exec(answer)![0]));
    expect(body.code).toBe(code);
    expect(body.error).toMatch(why);
    expect(answer).toContain(`x-request-id: ${body.request_id}`);
  });

  it("HTTP/1.0 needs no host", async () => {
    await using connection = await openRawConnection(url);
    connection.send("GET /health HTTP/1.0\r\n\r\n");
    expect((await connection.receives(/^HTTP\/1.1 (\d+)/))[1]).toBe("200");
  });
});
