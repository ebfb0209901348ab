import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The body as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of any shape, and fails where one is not there.
  json(): any;
}

export interface HttpCallOptions {
  headers?: Record<string, string>;
  /** Bytes go with their Content-Length, an iterable goes chunked. */
  body?: Uint8Array | string | AsyncIterable<Uint8Array>;
}

/** One request, its path sent exactly as it stands here: `fetch` would resolve `..` and escape what is not escaped. */
export async function httpCall(
  method: string,
  baseUrl: string,
  path: string,
  { headers = {}, body }: HttpCallOptions = {},
): Promise<HttpAnswer> {
  const { hostname, port } = new URL(baseUrl);
  const isWhole = typeof body === "string" || body instanceof Uint8Array;
  const length = isWhole ? { "content-length": String(Buffer.byteLength(body)) } : {};
  const sent = request({ method, hostname, port, path, headers: { ...length, ...headers } });
  const answered = once(sent, "response") as Promise<[IncomingMessage]>;
  const source = body === undefined ? [] : isWhole ? [Buffer.from(body)] : body;
  // An answer may come, and the connection break, while the body is still on its way: the answer is what counts.
  const sending = pipeline(Readable.from(source, { objectMode: false }), sent).catch((error: Error) => error);
  const [message] = await answered;
  const received = await buffer(message);
  if (!sent.writableFinished) sent.destroy();
  await sending;
  return {
    status: message.statusCode!,
    headers: message.headers,
    body: received,
    json: () => JSON.parse(String(received)),
  };
}
