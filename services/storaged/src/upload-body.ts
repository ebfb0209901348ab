import type { Readable } from "node:stream";
import { LakehouseError } from "@lakehouse/core";
import { heardFrom } from "@lakehouse/server";
import { tooLarge } from "./put-admission.ts";

/** A client that sends nothing for so long gives its PUT slot back. */
const SILENCE_MS_MAX = 60_000;

/**
 * The bytes of a request as they come. The request itself is never destroyed here: that would close its connection, and a
 * client whose upload fails is to get an answer.
 * @throws LakehouseError `payload_too_large` past the cap, `client_closed_request` where the client breaks off or falls silent
 */
export async function* uploadBody(
  request: Readable,
  capBytes: number,
  silenceMs = SILENCE_MS_MAX,
): AsyncGenerator<Buffer> {
  let received = 0;
  try {
    const chunks: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
    for await (const chunk of heardFrom(request, chunks, silenceMs)) {
      received += chunk.length;
      if (received > capBytes) throw tooLarge(capBytes);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof LakehouseError) throw error;
    throw new LakehouseError("client_closed_request", "The client went away during its upload.", { cause: error });
  }
}
