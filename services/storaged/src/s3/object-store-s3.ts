import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadBucketCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { ObjectInfo, PutResult } from "@lakehouse/contracts";
import {
  assertKey,
  type GetOptions,
  type GetResult,
  isLakehouseError,
  type ListOptions,
  type ListPage,
  type ObjectStore,
} from "@lakehouse/core";
import type { S3Credentials } from "@lakehouse/server";
import { isHeld } from "../entity-tags.ts";
import { formatRange } from "../objects/byte-range.ts";
import { rangeNotSatisfiable } from "../objects/storage-errors.ts";
import { abortAbandonedUploads, abortNotedUploads } from "./abandoned-uploads.ts";
import { createS3Client, type S3BucketConfig } from "./client.ts";
import { isPreconditionFailed, isRangeRefused, toStorageError, unavailable } from "./errors.ts";
import { listObjects } from "./listing.ts";
import { UploadNotes } from "./upload-notes.ts";

/** An object of up to one part is one PUT. 10,000 parts, the most that S3 takes, are 78 GiB. */
const PART_BYTES = 8 * 2 ** 20;
/** Each holds its part in memory. */
const PARTS_AT_ONCE = 2;

interface Options {
  credentials: S3Credentials | undefined;
  /** How long the server may keep silent. */
  timeoutMs: number;
  /** Where multipart uploads are noted that have begun and not ended. */
  notesFolder: string;
}

/**
 * Opens a bucket of S3, MinIO or any server that speaks their protocol. Nothing is asked of the server yet.
 * @throws ConfigError where there are no credentials for it
 */
export function openS3ObjectStore(config: S3BucketConfig, options: Options): ObjectStore {
  const client = createS3Client(config, options.credentials, options.timeoutMs);
  return new S3ObjectStore(client, config.bucket, new UploadNotes(options.notesFolder));
}

class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #notes: UploadNotes;

  constructor(client: S3Client, bucket: string, notes: UploadNotes) {
    this.#client = client;
    this.#bucket = bucket;
    this.#notes = notes;
    notes.follow(client);
  }

  async put(key: string, body: AsyncIterable<Uint8Array>): Promise<PutResult> {
    const counted = countBytes(body);
    const upload = new Upload({
      client: this.#client,
      params: { ...this.#at(key), Body: Readable.from(counted.chunks), ContentType: "application/octet-stream" },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
    });
    try {
      // No abort signal: `done` would return before the parts are removed. A client that leaves ends the body with an error.
      const { ETag = "" } = await upload.done();
      return { key, size: counted.bytes(), etag: ETag };
    } catch (error) {
      throw toStorageError(error, key);
    } finally {
      if (upload.uploadId !== undefined) this.#notes.release(upload.uploadId);
    }
  }

  async get(key: string, options: GetOptions = {}): Promise<GetResult> {
    try {
      return await this.#get(key, options);
    } catch (error) {
      throw toStorageError(error, key);
    }
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectInfo> {
    try {
      return infoOf(key, await this.#client.send(new HeadObjectCommand(this.#at(key)), callOptions(signal)));
    } catch (error) {
      const known = toStorageError(error, key);
      // An answer to HEAD has no body: a bucket that is missing looks like an object that is.
      if (isLakehouseError(known, "key_not_found")) await this.ping(signal);
      throw known;
    }
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand(this.#at(key)), callOptions(signal));
    } catch (error) {
      const known = toStorageError(error, key);
      if (!isLakehouseError(known, "key_not_found")) throw known;
    }
  }

  async list(prefix: string, options: ListOptions): Promise<ListPage> {
    try {
      return await listObjects(this.#client, this.#bucket, prefix, options);
    } catch (error) {
      throw toStorageError(error, prefix);
    }
  }

  async ping(signal?: AbortSignal): Promise<void> {
    try {
      await this.#client.send(new HeadBucketCommand({ Bucket: this.#bucket }), callOptions(signal));
    } catch (error) {
      throw unavailable(error);
    }
  }

  async sweep(): Promise<void> {
    try {
      await abortNotedUploads(this.#client, this.#bucket, this.#notes);
      await abortAbandonedUploads(this.#client, this.#bucket);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  async #get(key: string, { range, ifRange, ifNoneMatch, signal }: GetOptions): Promise<GetResult> {
    if (ifNoneMatch) {
      const info = await this.head(key, signal);
      if (isHeld(info.etag, ifNoneMatch)) return { status: "not_modified", info };
    }
    if (!range) return this.#getWhole(key, signal);
    const input = { ...this.#at(key), Range: formatRange(range), ...(ifRange !== undefined && { IfMatch: ifRange }) };
    try {
      return foundRange(key, await this.#client.send(new GetObjectCommand(input), callOptions(signal)));
    } catch (error) {
      if (isPreconditionFailed(error)) return this.#getWhole(key, signal);
      if (isRangeRefused(error)) throw rangeNotSatisfiable((await this.head(key, signal)).size);
      throw error;
    }
  }

  async #getWhole(key: string, signal: AbortSignal | undefined): Promise<GetResult> {
    return found(key, await this.#client.send(new GetObjectCommand(this.#at(key)), callOptions(signal)));
  }

  /** @throws LakehouseError `invalid_key` */
  #at(key: string): { Bucket: string; Key: string } {
    assertKey(key);
    return { Bucket: this.#bucket, Key: key };
  }
}

function callOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function found(key: string, output: GetObjectCommandOutput): GetResult {
  return { status: "found", info: infoOf(key, output), body: output.Body as Readable };
}

function foundRange(key: string, output: GetObjectCommandOutput): GetResult {
  const [, start, end, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(output.ContentRange ?? "")?.map(Number) ?? [];
  if (start !== undefined && end !== undefined && size !== undefined) {
    return {
      status: "found",
      info: { ...infoOf(key, output), size },
      range: { start, end },
      body: output.Body as Readable,
    };
  }
  // The server gave the whole: so some do for an empty object, which has no range.
  const whole = found(key, output);
  if (whole.info.size > 0 || whole.status !== "found") return whole;
  (output.Body as Readable).destroy();
  throw rangeNotSatisfiable(0);
}

function infoOf(key: string, output: GetObjectCommandOutput | HeadObjectCommandOutput): ObjectInfo {
  const { ContentLength: size = 0, ETag: etag = "", LastModified = new Date(0) } = output;
  return { key, size, etag, last_modified: LastModified.toISOString() };
}

/** lib-storage doesn't tell how much it sent. */
function countBytes(body: AsyncIterable<Uint8Array>): { chunks: AsyncIterable<Uint8Array>; bytes(): number } {
  let bytes = 0;
  async function* chunks() {
    for await (const chunk of body) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  return { chunks: chunks(), bytes: () => bytes };
}
