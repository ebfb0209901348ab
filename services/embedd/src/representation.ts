import type { Embeddings } from "./embedder.ts";

const comma = Buffer.from(",");
const end = Buffer.from("]}");

/** The answer's JSON, put together from vectors that are JSON already. */
export function renderEmbeddings({ model, vectors }: Embeddings): Buffer {
  const { dimension } = vectors[0]!;
  const parts: Buffer[] = [Buffer.from(`{"model":${JSON.stringify(model)},"dimension":${dimension},"vectors":[`)];
  for (const [position, { json }] of vectors.entries()) {
    if (position > 0) parts.push(comma);
    parts.push(json);
  }
  parts.push(end);
  return Buffer.concat(parts);
}
