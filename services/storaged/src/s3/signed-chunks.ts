import { createHash, createHmac } from "node:crypto";
import { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";

/** AWS wants 8 KiB at least of every chunk but the last. */
const CHUNK_BYTES = 2 ** 16;
const EMPTY_SHA256 = sha256([]);

interface StreamedRequest {
  headers: Record<string, string>;
  body: AsyncIterable<Uint8Array>;
}

/**
 * Makes the client sign what it streams chunk by chunk (Signature Version 4, `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`), which the SDK
 * does not. It would send streams unsigned, and VersityGW stores what it has got of an unsigned body whose connection breaks.
 */
export function signChunks(client: S3Client, secretAccessKey: string): void {
  client.middlewareStack.add(
    (next) => (call) => {
      const { headers } = call.request as StreamedRequest;
      const size = headers["content-length"]!;
      // Without `content-encoding: aws-chunked`, as minio-go sends it too: VersityGW would keep that with the object.
      headers["x-amz-content-sha256"] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
      headers["x-amz-decoded-content-length"] = size;
      headers["content-length"] = String(signedLength(Number(size)));
      return next(call);
    },
    { step: "build", name: "announceSignedChunks" },
  );
  client.middlewareStack.add(
    (next) => (call) => {
      const request = call.request as StreamedRequest;
      const sign = chunkSigner(request.headers, secretAccessKey);
      request.body = Readable.from(signedChunks(request.body, sign)).on("error", () => {}); // told by the body itself
      return next(call);
    },
    { step: "deserialize", priority: "low", name: "signChunks" }, // behind the signature of the heads
  );
}

/** Gives chunks of one size, so that their length is known before; the last, which is empty, says that the body is whole. */
async function* signedChunks(
  body: AsyncIterable<Uint8Array>,
  sign: (pieces: readonly Uint8Array[]) => string,
): AsyncGenerator<Uint8Array, void> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  function* chunk() {
    yield Buffer.from(headOf(held, sign(pieces)));
    yield* pieces;
    yield Buffer.from("\r\n");
    pieces = [];
    held = 0;
  }
  for await (const piece of body) {
    for (let from = 0; from < piece.length; ) {
      const taken = piece.subarray(from, from + CHUNK_BYTES - held);
      pieces.push(taken);
      held += taken.length;
      from += taken.length;
      if (held === CHUNK_BYTES) yield* chunk();
    }
  }
  if (held > 0) yield* chunk();
  yield* chunk();
}

/** Each signature covers the one before it; the first, that of the request's heads. */
function chunkSigner(headers: Record<string, string>, secretAccessKey: string) {
  const { authorization = "", "x-amz-date": date = "" } = headers;
  const [, scope = "", seed = ""] = /Credential=.*?\/(\d{8}\/[^,]*),.*Signature=(\w+)/.exec(authorization) ?? [];
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  let previous = seed;
  return (pieces: readonly Uint8Array[]) => {
    const text = ["AWS4-HMAC-SHA256-PAYLOAD", date, scope, previous, EMPTY_SHA256, sha256(pieces)].join("\n");
    previous = hmac(key, text).toString("hex");
    return previous;
  };
}

function signedLength(size: number): number {
  const rest = size % CHUNK_BYTES;
  const whole = Math.floor(size / CHUNK_BYTES);
  return whole * chunkLength(CHUNK_BYTES) + (rest > 0 ? chunkLength(rest) : 0) + chunkLength(0);
}

function chunkLength(size: number): number {
  return headOf(size, EMPTY_SHA256).length + size + 2;
}

function headOf(size: number, signature: string): string {
  return `${size.toString(16)};chunk-signature=${signature}\r\n`;
}

function sha256(pieces: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
