import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { wrongLength } from "../objects/storage-errors.ts";
import type { ObjectPlace, S3Clients } from "./client.ts";
import { isNotImplemented, isRefusal } from "./errors.ts";
import { StreamedBody } from "./streamed-body.ts";

/** The most that S3 takes in one PutObject. */
export const PUT_BYTES_MAX = 5 * 2 ** 30;
/** Gathered first: then it is signed, may be sent again, and needs no connection of its own. */
const GATHERED_BYTES_MAX = 2 ** 20;
/** As the SDK does with what it can send again. */
const ATTEMPTS_MAX = 3;
const RETRY_MS = 100;

/**
 * Stores a body of `size` bytes in one request.
 * @param silenceMs how long the server may keep silent
 * @returns the object's ETag; undefined, with the body untouched, where the server knows no signed chunks (Cloudflare's R2)
 */
export async function putObject(
  clients: S3Clients,
  place: ObjectPlace,
  body: AsyncIterable<Uint8Array>,
  { size, silenceMs }: { size: number; silenceMs: number },
): Promise<string | undefined> {
  if (size > GATHERED_BYTES_MAX) return putStreamed(clients.streaming, place, body, { size, silenceMs });
  const bytes = await buffer(body);
  if (bytes.length !== size) throw wrongLength(size, bytes.length);
  return send(clients.plain, { ...place, Body: bytes });
}

/**
 * The server says that it takes the body before a byte is sent (`Expect: 100-continue`): until then a failure may be one of the
 * moment, and another try costs nothing.
 */
async function putStreamed(
  client: S3Client,
  place: ObjectPlace,
  body: AsyncIterable<Uint8Array>,
  { size, silenceMs }: { size: number; silenceMs: number },
): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    const streamed = new StreamedBody(body, size, silenceMs);
    try {
      return await send(client, { ...place, Body: streamed.stream, ContentLength: size }, streamed.signal);
    } catch (error) {
      streamed.signal.throwIfAborted(); // with what went wrong first
      if (!streamed.isBegun && isNotImplemented(error)) return undefined;
      if (streamed.isBegun || isRefusal(error) || attempt === ATTEMPTS_MAX) throw error;
    } finally {
      streamed.end();
    }
    await delay(RETRY_MS * attempt);
  }
}

type PutInput = ConstructorParameters<typeof PutObjectCommand>[0];

async function send(client: S3Client, input: PutInput, abortSignal?: AbortSignal): Promise<string> {
  const command = new PutObjectCommand({ ...input, ContentType: "application/octet-stream" });
  const { ETag = "" } = await client.send(command, abortSignal === undefined ? {} : { abortSignal });
  return ETag;
}
