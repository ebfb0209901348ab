import { createHash } from "node:crypto";

/** Fixed for all time: it makes a dataset's id the same on any box. */
const DATASET_NAMESPACE = "a8f3c1d2-4e5b-5a6c-9d8e-7f0a1b2c3d4e";

export function datasetId(name: string): string {
  return uuidV5(DATASET_NAMESPACE, name);
}

/** RFC 9562 §5.5: SHA-1 of namespace and name, with version 5 and the RFC's variant written over it. */
export function uuidV5(namespace: string, name: string): string {
  const hash = createHash("sha1").update(namespace.replaceAll("-", ""), "hex").update(name, "utf8").digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
