import type { Readable } from "node:stream";
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  type HeadObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { ObjectInfo } from "@lakehouse/contracts";
import type { GetOptions, GetResult } from "@lakehouse/core";
import { isHeld } from "@lakehouse/server";
import { formatRange } from "../objects/byte-range.ts";
import { rangeNotSatisfiable } from "../objects/storage-errors.ts";
import { callOptions, type ObjectPlace } from "./client.ts";
import { headersOfNotModified, isPreconditionFailed, isRangeRefused } from "./errors.ts";

/** Gets an object, a range of it, or word that the caller holds it, by one request where all goes well. @param head of the object */
export async function getObject(
  client: S3Client,
  place: ObjectPlace,
  { range, ifRange, ifNoneMatch: held, signal }: GetOptions,
  head: () => Promise<ObjectInfo>,
): Promise<GetResult> {
  if (held === "*") return { status: "not_modified", info: await head() };
  const ask = (part: { Range?: string; IfMatch?: string }) =>
    askUnlessHeld(client, { ...place, ...part }, held ?? [], signal);
  if (!range) return ask({});
  try {
    return await ask({ Range: formatRange(range), ...(ifRange !== undefined && { IfMatch: ifRange }) });
  } catch (error) {
    if (isPreconditionFailed(error)) return ask({});
    if (!isRangeRefused(error)) throw error;
    const info = await head();
    if (held && isHeld(info.etag, held)) return { status: "not_modified", info };
    throw rangeNotSatisfiable(info.size);
  }
}

/** Servers compare one ETag and take a list for one that nothing has: of several, the answer's own is looked for here. */
async function askUnlessHeld(
  client: S3Client,
  input: GetObjectCommandInput & ObjectPlace,
  held: readonly string[],
  signal: AbortSignal | undefined,
): Promise<GetResult> {
  const [etag] = held;
  const condition = held.length === 1 ? { IfNoneMatch: etag } : {};
  try {
    const output = await client.send(new GetObjectCommand({ ...input, ...condition }), callOptions(signal));
    const { ETag = "", LastModified } = output;
    if (!isHeld(ETag, held))
      return input.Range === undefined ? found(input.Key, output) : foundRange(input.Key, output);
    (output.Body as Readable).destroy();
    return notModified(input.Key, ETag, LastModified);
  } catch (error) {
    const headers = headersOfNotModified(error);
    if (headers === undefined || etag === undefined) throw error;
    const since = headers["last-modified"]; // VersityGW leaves it out, and the ETag too
    return notModified(input.Key, etag, since === undefined ? undefined : new Date(since));
  }
}

function notModified(key: string, etag: string, lastModified: Date | undefined): GetResult {
  const last = lastModified === undefined ? {} : { last_modified: lastModified.toISOString() };
  return { status: "not_modified", info: { key, etag, ...last } };
}

function found(key: string, output: GetObjectCommandOutput): GetResult {
  return { status: "found", info: infoOf(key, output), body: output.Body as Readable };
}

function foundRange(key: string, output: GetObjectCommandOutput): GetResult {
  const [, start, end, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(output.ContentRange ?? "")?.map(Number) ?? [];
  const body = output.Body as Readable;
  const info = infoOf(key, output);
  if (start !== undefined && end !== undefined && size !== undefined) {
    return { status: "found", info: { ...info, size }, range: { start, end }, body };
  }
  // The server gave the whole: so some do for an empty object, which has no range.
  if (info.size > 0) return { status: "found", info, body };
  body.destroy();
  throw rangeNotSatisfiable(0);
}

export function infoOf(key: string, output: GetObjectCommandOutput | HeadObjectCommandOutput): ObjectInfo {
  const { ContentLength: size = 0, ETag: etag = "", LastModified = new Date(0) } = output;
  return { key, size, etag, last_modified: LastModified.toISOString() };
}
