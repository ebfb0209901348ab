import { createHash } from "node:crypto";
import type { Manifest } from "@lakehouse/contracts";

/** JSON as it is sent, and its strong ETag: the same content has the same tag, also after a restart. */
export interface Representation {
  body: Buffer;
  etag: string;
}

/** Manifests and lists of them are never altered, only replaced: each is rendered once for as long as it is served. */
const rendered = new WeakMap<object, Representation>();

export function representManifest(manifest: Manifest): Representation {
  return once(manifest, () => JSON.stringify(manifest));
}

/** `{"manifests":[…],"count"}`. Asked for at every SQL query, so what did not change is not rendered again. */
export function representList(manifests: readonly Manifest[]): Representation {
  return once(manifests, () => {
    const bodies = manifests.map((manifest) => representManifest(manifest).body.toString());
    return `{"manifests":[${bodies.join(",")}],"count":${manifests.length}}`;
  });
}

function once(served: object, render: () => string): Representation {
  const known = rendered.get(served);
  if (known) return known;
  const body = Buffer.from(render());
  const representation = { body, etag: `"${createHash("sha256").update(body).digest("base64url")}"` };
  rendered.set(served, representation);
  return representation;
}
