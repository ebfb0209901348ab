import type { Readable } from "node:stream";
import { ERROR_BYTES_MAX, ERROR_MS_MAX } from "./limits.ts";

/**
 * The beginning of an error's body: all of it, unless it is long, slow or breaks off. Nothing is thrown, since the status has said what
 * there is to know, and the rest of the body is not waited for.
 */
export async function errorBodyOf(body: Readable): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const stop = setTimeout(() => body.destroy(), ERROR_MS_MAX);
  body.on("error", () => {}); // told by the read that meets it
  try {
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= ERROR_BYTES_MAX) break; // which destroys the body
    }
  } catch {
    // It broke off, or took too long: what came of it counts.
  } finally {
    clearTimeout(stop);
  }
  return new TextDecoder().decode(Buffer.concat(pieces).subarray(0, ERROR_BYTES_MAX), { stream: true });
}
