import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { UploadNotes } from "./s3-upload-notes.ts";

/** A multipart upload of such age is nobody's any more. A younger one may be another program's in the same bucket. */
const ABANDONED_AFTER_MS = 24 * 3_600_000;

/** Removes the parts of uploads that are noted as ours, and are under way no more. */
export async function abortNotedUploads(client: S3Client, bucket: string, notes: UploadNotes): Promise<void> {
  for (const { key, upload_id } of await notes.abandoned()) {
    try {
      await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: upload_id }));
    } catch (error) {
      if ((error as Error).name !== "NoSuchUpload") throw error;
      await notes.strikeOut(upload_id);
    }
  }
}

/** Removes the parts of uploads that no note tells of. MinIO lists none, and removes them by itself after a day. */
export async function abortAbandonedUploads(client: S3Client, bucket: string): Promise<void> {
  let position: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
  while (position) {
    const page: ListMultipartUploadsCommandOutput = await client.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, ...position }),
    );
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (!Initiated || Date.now() - Initiated.getTime() < ABANDONED_AFTER_MS) continue;
      await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
    }
    position = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
      : undefined;
  }
}
