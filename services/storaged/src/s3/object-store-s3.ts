import { DeleteObjectCommand, HeadBucketCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import type { ObjectInfo, PutResult } from "@lakehouse/contracts";
import {
  assertKey,
  type GetOptions,
  type GetResult,
  isLakehouseError,
  type ListOptions,
  type ListPage,
  type ObjectStore,
  type PutOptions,
} from "@lakehouse/core";
import type { S3Credentials } from "@lakehouse/server";
import { abortAbandonedUploads, abortNotedUploads } from "./abandoned-uploads.ts";
import { callOptions, createS3Clients, type ObjectPlace, type S3BucketConfig, type S3Clients } from "./client.ts";
import { toStorageError, unavailable } from "./errors.ts";
import { getObject, infoOf } from "./get-object.ts";
import { listObjects } from "./listing.ts";
import { PUT_BYTES_MAX, putObject } from "./put-object.ts";
import { putParts } from "./put-parts.ts";
import { UploadNotes } from "./upload-notes.ts";

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
  const { credentials, timeoutMs, notesFolder } = options;
  const clients = createS3Clients(config, credentials, timeoutMs);
  return new S3ObjectStore(clients, config.bucket, new UploadNotes(notesFolder), timeoutMs);
}

class S3ObjectStore implements ObjectStore {
  readonly #clients: S3Clients;
  readonly #bucket: string;
  readonly #notes: UploadNotes;
  readonly #timeoutMs: number;

  constructor(clients: S3Clients, bucket: string, notes: UploadNotes, timeoutMs: number) {
    this.#clients = clients;
    this.#bucket = bucket;
    this.#notes = notes;
    this.#timeoutMs = timeoutMs;
    notes.follow(clients.plain);
  }

  async put(key: string, body: AsyncIterable<Uint8Array>, { size }: PutOptions = {}): Promise<PutResult> {
    const place = this.#at(key);
    try {
      if (size !== undefined && size <= PUT_BYTES_MAX) {
        const etag = await putObject(this.#clients, place, body, { size, silenceMs: this.#timeoutMs });
        if (etag !== undefined) return { key, size, etag };
      }
      return { key, ...(await putParts(this.#clients.plain, place, body, { size, notes: this.#notes })) };
    } catch (error) {
      throw toStorageError(error, key);
    }
  }

  async get(key: string, options: GetOptions = {}): Promise<GetResult> {
    try {
      return await getObject(this.#clients.plain, this.#at(key), options, () => this.head(key, options.signal));
    } catch (error) {
      throw toStorageError(error, key);
    }
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectInfo> {
    try {
      return infoOf(key, await this.#clients.plain.send(new HeadObjectCommand(this.#at(key)), callOptions(signal)));
    } catch (error) {
      const known = toStorageError(error, key);
      // An answer to HEAD has no body: a bucket that is missing looks like an object that is.
      if (isLakehouseError(known, "key_not_found")) await this.ping(signal);
      throw known;
    }
  }

  async delete(key: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.#clients.plain.send(new DeleteObjectCommand(this.#at(key)), callOptions(signal));
    } catch (error) {
      const known = toStorageError(error, key);
      if (!isLakehouseError(known, "key_not_found")) throw known;
    }
  }

  async list(prefix: string, options: ListOptions): Promise<ListPage> {
    try {
      return await listObjects(this.#clients.plain, this.#bucket, prefix, options);
    } catch (error) {
      throw toStorageError(error, prefix);
    }
  }

  async ping(signal?: AbortSignal): Promise<void> {
    try {
      await this.#clients.plain.send(new HeadBucketCommand({ Bucket: this.#bucket }), callOptions(signal));
    } catch (error) {
      throw unavailable(error);
    }
  }

  async sweep(): Promise<void> {
    try {
      await abortNotedUploads(this.#clients.plain, this.#bucket, this.#notes);
      await abortAbandonedUploads(this.#clients.plain, this.#bucket);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async close(): Promise<void> {
    for (const client of Object.values(this.#clients)) client.destroy();
  }

  /** @throws LakehouseError `invalid_key` */
  #at(key: string): ObjectPlace {
    assertKey(key);
    return { Bucket: this.#bucket, Key: key };
  }
}
