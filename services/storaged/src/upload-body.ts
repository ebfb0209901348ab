import type { Readable } from "node:stream";
import { LakehouseError } from "@lakehouse/core";
import { tooLarge } from "./put-admission.ts";

/** A client that sends nothing for so long gives its PUT slot back. */
const IDLE_MS_MAX = 60_000;

/**
 * The bytes of a request as they come. The request itself is never destroyed here: that would close its connection, and a
 * client whose upload fails is to get an answer.
 * @throws LakehouseError `payload_too_large` past the cap, `client_closed_request` where the client breaks off or falls silent
 */
export async function* uploadBody(request: Readable, capBytes: number, idleMs = IDLE_MS_MAX): AsyncGenerator<Buffer> {
  let received = 0;
  let isWaiting = true;
  const silence = setTimeout(() => {
    if (isWaiting) request.destroy(new Error(`The client sent nothing for ${idleMs} ms.`));
  }, idleMs);
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      received += chunk.length;
      if (received > capBytes) throw tooLarge(capBytes);
      isWaiting = false;
      yield chunk; // however long the store takes for it is not the client's silence
      isWaiting = true;
      silence.refresh();
    }
  } catch (error) {
    if (error instanceof LakehouseError) throw error;
    throw new LakehouseError("client_closed_request", "The client went away during its upload.", { cause: error });
  } finally {
    clearTimeout(silence);
  }
}
