import {
  AbortMultipartUploadCommand,
  type AbortMultipartUploadCommandInput,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  type MultipartUpload,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { UploadNotes } from "./upload-notes.ts";

/** A multipart upload of such age is nobody's any more. A younger one may be another program's in the same bucket. */
const ABANDONED_AFTER_MS = 24 * 3_600_000;

/**
 * Removes the parts of uploads that are noted as ours, and are under way no more. A part that was on its way while its upload was
 * ended may still be kept (S3's documentation of AbortMultipartUpload; VersityGW then has the upload again): so each is ended at
 * every sweep until it has settled. One that can't be ended keeps none of the others.
 * @throws what the server refused first
 */
export async function abortNotedUploads(client: S3Client, bucket: string, notes: UploadNotes): Promise<void> {
  const failures: unknown[] = [];
  for (const note of await notes.abandoned()) {
    try {
      const ids = note.uploadId === undefined ? await idsWithoutParts(client, bucket, note.key) : [note.uploadId];
      if (note.uploadId === undefined && notes.isUnderWay(note.key)) continue; // one of them may be ours
      for (const UploadId of ids) await abort(client, { Bucket: bucket, Key: note.key, UploadId });
      await notes.ended(note);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** Removes the parts of uploads that no note tells of. MinIO lists none, and removes them by itself after a day. */
export async function abortAbandonedUploads(client: S3Client, bucket: string): Promise<void> {
  for await (const { Key, UploadId, Initiated } of listUploads(client, { Bucket: bucket })) {
    if (!Initiated || Date.now() - Initiated.getTime() < ABANDONED_AFTER_MS) continue;
    await abort(client, { Bucket: bucket, Key, UploadId });
  }
}

/** What died before it was told its upload's id had sent no part. */
async function idsWithoutParts(client: S3Client, bucket: string, key: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { Key, UploadId } of listUploads(client, { Bucket: bucket, Prefix: key })) {
    if (Key !== key) continue;
    const { Parts = [] } = await client.send(new ListPartsCommand({ Bucket: bucket, Key, UploadId }));
    if (Parts.length === 0) ids.push(UploadId!);
  }
  return ids;
}

async function* listUploads(
  client: S3Client,
  input: ListMultipartUploadsCommandInput,
): AsyncGenerator<MultipartUpload> {
  let position: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
  while (position) {
    const page: ListMultipartUploadsCommandOutput = await client.send(
      new ListMultipartUploadsCommand({ ...input, ...position }),
    );
    yield* page.Uploads ?? [];
    position = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
      : undefined;
  }
}

async function abort(client: S3Client, upload: AbortMultipartUploadCommandInput): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand(upload));
  } catch (error) {
    if ((error as Error).name !== "NoSuchUpload") throw error;
  }
}
