import multipart from "@fastify/multipart";
import { openRawConnection } from "@lakehouse/testing";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, it } from "vitest";
import { uploadedCsv } from "./upload.ts";

const SILENCE_MS = 50;

let app: FastifyInstance;
let outcome: Promise<unknown>;

beforeEach(async () => {
  app = Fastify();
  app.addContentTypeParser("text/csv", (_request, payload, done) => done(null, payload));
  app.register(multipart);
  const { promise, resolve } = Promise.withResolvers<unknown>();
  outcome = promise;
  app.post("/", async (request) => {
    const received = Array.fromAsync(uploadedCsv(request, 1_000, SILENCE_MS), String).catch((error: unknown) => error);
    resolve(await received);
    return "";
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
});

afterEach(() => app.close());

const head = (type: string) =>
  `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: 500\r\n\r\n`;
const part = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\na\n1\n';

it.each([
  ["a body", `${head("text/csv")}a\n1\n`],
  ["a form", `${head("multipart/form-data; boundary=x")}${part}`],
])("a client that falls silent in %s is given up", async (_, sent) => {
  await using connection = await openRawConnection(app.listeningOrigin);
  connection.send(sent);
  expect(await outcome).toMatchObject({ code: "client_closed_request" });
});

it.each([
  ["a body", `${head("text/csv")}a\n1\n`],
  ["a form", `${head("multipart/form-data; boundary=x")}${part}`],
])("a client that breaks off in %s is gone", async (_, sent) => {
  const connection = await openRawConnection(app.listeningOrigin);
  connection.send(sent);
  connection.cut();
  expect(await outcome).toMatchObject({ code: "client_closed_request" });
});

it("the part that is called file is the upload, whatever stands around it", async () => {
  const form = new FormData();
  form.append("name", "ignored");
  form.append("other", new Blob(["x"]), "other.csv");
  form.append("file", new Blob(["a\n1\n"]), "a.csv");
  form.append("another", new Blob(["b\n2\n"]), "b.csv");
  await fetch(app.listeningOrigin, { method: "POST", body: form });
  expect(await outcome).toEqual(["a\n1\n"]);
});

it("a form with two files is refused, so that none of them is lost in silence", async () => {
  const form = new FormData();
  for (const name of ["a.csv", "b.csv"]) form.append("file", new Blob([`${name}\n1\n`]), name);
  await fetch(app.listeningOrigin, { method: "POST", body: form });
  expect(await outcome).toMatchObject({ code: "invalid_request", message: expect.stringContaining("more than one") });
});
