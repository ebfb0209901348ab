import type { MultipartFile } from "@fastify/multipart";
import { LakehouseError } from "@lakehouse/core";
import { heardFrom } from "@lakehouse/server";
import { collectYoungGarbage } from "@lakehouse/server/collect-garbage";
import type { FastifyRequest } from "fastify";
import { FORM_FIELD_BYTES_MAX, FORM_PARTS_MAX, UPLOAD_GARBAGE_BYTES_MAX, UPLOAD_SILENCE_MS_MAX } from "./limits.ts";

/**
 * The bytes of the CSV in a request as they come, of its `file` part where it is a form. The request itself is never destroyed
 * when the reader stops: that would close its connection, and a client whose upload fails is to get an answer.
 * @throws LakehouseError `payload_too_large` past `bytesMax`, `missing_file`, `invalid_request` for a form that is broken
 *   or brings more than one file,
 *   `client_closed_request` where the client breaks off or falls silent
 */
export async function* uploadedCsv(
  request: FastifyRequest,
  bytesMax: number,
  silenceMs = UPLOAD_SILENCE_MS_MAX,
): AsyncGenerator<Buffer> {
  let received = 0;
  let uncollected = 0;
  try {
    const pieces = request.isMultipart() ? filePart(request) : rawBody(request);
    for await (const piece of heardFrom(request.raw, pieces, silenceMs)) {
      received += piece.length;
      uncollected += piece.length;
      if (received > bytesMax) throw tooLarge(bytesMax);
      if (uncollected > UPLOAD_GARBAGE_BYTES_MAX) {
        collectYoungGarbage();
        uncollected = 0;
      }
      yield piece;
    }
  } catch (error) {
    throw explain(error, request);
  }
}

export function tooLarge(bytesMax: number): LakehouseError {
  return new LakehouseError("payload_too_large", `An upload may have ${bytesMax} bytes at most.`, {
    details: { limit_bytes: bytesMax },
  });
}

function rawBody({ raw, body }: FastifyRequest): AsyncIterable<Buffer> {
  if (body === undefined) throw new LakehouseError("missing_file", "The request has no body.");
  return raw.iterator({ destroyOnReturn: false });
}

const MORE_THAN_ONE_FILE = "The form has more than one part that is called `file`; send one a request.";

/** Reads the form to its end, since only there it is known to be whole. */
async function* filePart(request: FastifyRequest): AsyncGenerator<Buffer> {
  let found = false;
  // The bytes of the file are counted by the caller.
  const limits = { parts: FORM_PARTS_MAX, fieldSize: FORM_FIELD_BYTES_MAX, fileSize: Number.POSITIVE_INFINITY };
  for await (const part of request.parts({ limits })) {
    if (part.type !== "file") continue;
    if (part.fieldname === "file" && !found) {
      found = true;
      yield* part.file;
      continue;
    }
    drain(part);
    // Taking the first alone would lose the others with an answer of 200.
    if (part.fieldname === "file") throw new LakehouseError("invalid_request", MORE_THAN_ONE_FILE);
  }
  if (!found) throw new LakehouseError("missing_file", "The form has no file part that is called `file`.");
}

function drain({ file }: MultipartFile): void {
  file.resume();
}

function explain(error: unknown, { raw }: FastifyRequest): unknown {
  if (error instanceof LakehouseError) return error;
  if (raw.destroyed && !raw.complete) {
    return new LakehouseError("client_closed_request", "The client went away during its upload.", { cause: error });
  }
  return new LakehouseError("invalid_request", "The form is broken: it is not multipart/form-data to its end.", {
    cause: error,
  });
}
