import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { answerJson, startFakeUpstream, type UpstreamAnswer, type UpstreamRequest } from "@lakehouse/testing";

/** What the tests ask. No provider's error would have any of these words by itself. */
export const secretText = 'Patient Zoltán Quarx, PIN 47114711,\nsaid "it\'s <urgent>" & wept.';
export const secretWords = /patient|zolt|quarx|4711|urgent|wept/i;

const RETRY_SECONDS = 3_600;
const PIECE = Buffer.alloc(2 ** 20, "a");

export interface Manner {
  answer: UpstreamAnswer;
  /** What our service makes of it. */
  status: number;
  code: string;
  /** `Retry-After` is passed on. */
  waits?: boolean;
  /** Where it is not the same for embedd, for which a call may be made twice. */
  triesOfEmbedd?: number;
}

/** Everything that it was sent: the key, whole and in parts, and the text, in whatever spelling. */
function echo({ headers, body }: UpstreamRequest): string {
  const key = (headers.authorization ?? "").replace("Bearer ", "");
  const html = secretText.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  const parts = [`${key.slice(0, 6)}`, `${key.slice(0, 8)}***${key.slice(-4)}`, key.slice(6, 14), key];
  const texts = [secretText, html, encodeURIComponent(secretText), secretText.toUpperCase(), secretText.slice(0, 15)];
  return [...parts, ...texts, String(body)].join(" | ");
}

function inDate(): string {
  return new Date(Date.now() + RETRY_SECONDS * 1_000).toUTCString();
}

const error = (status: number, headers: () => Record<string, string> = () => ({}), words = ""): UpstreamAnswer => {
  return (request, response) =>
    answerJson(
      response,
      status,
      { error: { message: words + echo(request) } },
      { "x-echo": String(request.headers.authorization), ...headers() },
    );
};

const html = (status: number): UpstreamAnswer => {
  return (request, response) =>
    void response
      .writeHead(status, { "content-type": "text/html" })
      .end(`<html><title>Error</title><body><h1>Oops</h1>${echo(request)}</body></html>`);
};

const zipped = (status: number): UpstreamAnswer => {
  return (request, response) => {
    const headers = { "content-encoding": "gzip", "retry-after": inDate() };
    response.writeHead(status, headers).end(gzipSync(JSON.stringify({ error: { message: echo(request) } })));
  };
};

const endless = (status: number): UpstreamAnswer => {
  return (request, response) => {
    response.writeHead(status, { "retry-after": inDate() });
    response.write(echo(request));
    return pipeline(function* () {
      for (;;) yield PIECE;
    }, response);
  };
};

/** Bytes that are not HTTP, and tell all. */
const garbled: UpstreamAnswer = (request, response) => {
  response.socket?.end(`HTTP/1.1 200 OK\r\nx-echo\u0000: ${echo(request).replaceAll("\n", " ")}\r\n\r\n`);
};

/** Breaks off amid its head. */
const broken: UpstreamAnswer = (request, response) => {
  response.socket?.end(`HTTP/1.1 200 OK\r\nx-echo: ${encodeURIComponent(echo(request))}`);
};

/** @param elsewhere where a redirect leads: nobody may go there */
export function mannersTowards(elsewhere: string): Record<string, Manner> {
  const refused = { status: 502, code: "upstream_error" };
  const limited = { status: 429, code: "rate_limited", waits: true };
  const malformed = { status: 502, code: "bad_upstream_answer" };
  return {
    "429-date": { answer: error(429, () => ({ "retry-after": inDate() })), ...limited },
    "429-quota": {
      answer: error(429, () => ({ "retry-after": inDate() }), "You exceeded your current quota. "),
      ...limited,
      code: "quota_exhausted",
    },
    "429-silent": { answer: error(429), status: 429, code: "rate_limited" },
    "429-gzip": { answer: zipped(429), ...limited },
    "429-endless": { answer: endless(429), ...limited },
    "400-echo": { answer: error(400), ...refused },
    "401-key": { answer: error(401), ...refused },
    "403-key": { answer: error(403), ...refused },
    "500-echo": { answer: error(500), ...refused },
    "502-html": { answer: html(502), ...refused },
    "302-elsewhere": { answer: error(302, () => ({ location: `${elsewhere}/` })), ...refused },
    "200-error": { answer: error(200), ...refused },
    "200-html": { answer: html(200), ...malformed },
    "200-gzip": { answer: zipped(200), ...malformed },
    "200-endless": { answer: endless(200), ...malformed },
    "200-garbled": { answer: garbled, ...malformed },
    broken: { answer: broken, status: 502, code: "upstream_unavailable", triesOfEmbedd: 3 },
  };
}

/** A provider of chats and of vectors that behaves as the model's name says, and tells everybody what it was sent. */
export async function startIndiscreetProvider(manners: Record<string, Manner>) {
  return startFakeUpstream((request, response) => {
    if (request.method === "GET") return answerJson(response, 200, {}); // whether it is there
    return manners[modelOf(request)]!.answer(request, response);
  });
}

export function modelOf({ body }: UpstreamRequest): string {
  return (JSON.parse(String(body)) as { model: string }).model;
}
