import type { Embeddings } from "./embedder.ts";
import { TOKEN_BYTES } from "./limits.ts";
import type { RenderedVector } from "./vector-json.ts";

/** The JSON of OpenAI's answer. Nobody here counts tokens, so their number is an estimate from the texts' bytes. */
export function renderOpenaiEmbeddings(
  { model, vectors }: Embeddings,
  texts: readonly string[],
  encoding: "float" | "base64",
): Buffer {
  const parts: Buffer[] = [Buffer.from('{"object":"list","data":[')];
  for (const [index, vector] of vectors.entries()) {
    const comma = index === 0 ? "" : ",";
    parts.push(Buffer.from(`${comma}{"object":"embedding","index":${index},"embedding":`));
    parts.push(encoding === "float" ? vector.json : base64Of(vector), Buffer.from("}"));
  }
  const tokens = texts.reduce((sum, text) => sum + Math.ceil(Buffer.byteLength(text) / TOKEN_BYTES), 0);
  const usage = JSON.stringify({ prompt_tokens: tokens, total_tokens: tokens });
  parts.push(Buffer.from(`],"model":${JSON.stringify(model)},"usage":${usage}}`));
  return Buffer.concat(parts);
}

/** Float32, little-endian, in base64 and in quotes. */
function base64Of({ json }: RenderedVector): Buffer {
  const numbers: number[] = JSON.parse(String(json));
  const bytes = Buffer.alloc(numbers.length * Float32Array.BYTES_PER_ELEMENT);
  for (const [place, number] of numbers.entries()) bytes.writeFloatLE(number, place * Float32Array.BYTES_PER_ELEMENT);
  return Buffer.from(`"${bytes.toString("base64")}"`);
}
