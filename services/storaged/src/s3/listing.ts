import { ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client } from "@aws-sdk/client-s3";
import type { ObjectInfo } from "@lakehouse/contracts";
import { isKey, isKeyPrefix, type ListOptions, type ListPage } from "@lakehouse/core";

/** What one answer of S3 holds at most. */
const ANSWER_KEYS_MAX = 1_000;

/**
 * Asks S3 as often as it takes to fill a page. S3 lists in the order of UTF-8 bytes by itself. Left out are names that are
 * no keys here, such as the `folder/` that consoles make.
 */
export async function listObjects(
  client: S3Client,
  bucket: string,
  prefix: string,
  { limit, after, signal }: ListOptions,
): Promise<ListPage> {
  const objects: ObjectInfo[] = [];
  // Servers differ in what they make of a prefix that leads nowhere.
  let from = isKeyPrefix(prefix) ? (after ?? "") : undefined;
  while (from !== undefined && objects.length <= limit) {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: askablePrefix(prefix),
      // One more than wanted, to know whether there is more.
      MaxKeys: Math.min(limit + 1 - objects.length, ANSWER_KEYS_MAX),
      // XML can't carry every character that a key may have. VersityGW does not encode, and does not say that it did.
      EncodingType: "url",
      ...(from !== "" && { StartAfter: from }),
    });
    const answer = await client.send(command, signal ? { abortSignal: signal } : {});
    const listed = objectsOf(answer);
    objects.push(...listed.filter(({ key }) => key.startsWith(prefix) && isKey(key)));
    from = answer.IsTruncated ? listed.at(-1)?.key : undefined;
  }
  return { objects: objects.slice(0, limit), next: objects.length > limit ? objects[limit - 1]?.key : undefined };
}

/** Keys such as `a/...` start with `a/..`, which MinIO refuses to list: its folder is asked for instead. */
function askablePrefix(prefix: string): string {
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  return /^\.\.?$/.test(prefix.slice(folder.length)) ? folder : prefix;
}

function objectsOf({ Contents = [], EncodingType }: ListObjectsV2CommandOutput): ObjectInfo[] {
  const decoded = (key: string) => (EncodingType === "url" ? decodeURIComponent(key.replaceAll("+", " ")) : key);
  return Contents.map(({ Key = "", Size = 0, ETag = "", LastModified = new Date(0) }) => ({
    key: decoded(Key),
    size: Size,
    etag: ETag,
    last_modified: LastModified.toISOString(),
  }));
}
