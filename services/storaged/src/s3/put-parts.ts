import { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { wrongLength } from "../objects/storage-errors.ts";
import type { ObjectPlace } from "./client.ts";
import type { UploadNotes } from "./upload-notes.ts";

/** A body of up to one part is one PUT. 10,000 parts, the most that S3 takes, are 78 GiB. */
const PART_BYTES = 8 * 2 ** 20;
/** Each holds its part in memory. */
const PARTS_AT_ONCE = 2;

/** Stores a body of any length, by a multipart upload where it is longer than a part. */
export async function putParts(
  client: S3Client,
  place: ObjectPlace,
  body: AsyncIterable<Uint8Array>,
  { size: expected, notes }: { size: number | undefined; notes: UploadNotes },
): Promise<{ size: number; etag: string }> {
  let size = 0;
  async function* counted() {
    for await (const chunk of body) {
      size += chunk.length; // lib-storage doesn't tell how much it sent
      yield chunk;
    }
    if (expected !== undefined && size !== expected) throw wrongLength(expected, size);
  }
  const upload = new Upload({
    client,
    params: { ...place, Body: Readable.from(counted()), ContentType: "application/octet-stream" },
    partSize: PART_BYTES,
    queueSize: PARTS_AT_ONCE,
  });
  try {
    // No abort signal: `done` would return before the parts are removed. A client that leaves ends the body with an error.
    const { ETag: etag = "" } = await upload.done();
    return { size, etag };
  } finally {
    if (upload.uploadId !== undefined) notes.release(upload.uploadId);
  }
}
