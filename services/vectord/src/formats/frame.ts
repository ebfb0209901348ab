import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { z } from "zod";
import { DamagedError } from "./damaged-error.ts";
import { isDeeperThan } from "./json-depth.ts";
import { JSON_DEPTH_MAX } from "./limits.ts";

/**
 * What index files and log records share (docs/vector-format.md): 4 bytes of magic, uint32 BE length of the envelope, the
 * envelope as JSON, then blocks of which the envelope has length and SHA-256. The envelope ends in a SHA-256 of itself, and
 * in spaces, so that the first block starts at a multiple of 8.
 */
export const HEAD_BYTES = 8;
const ALIGNMENT = 8;
const SPACE = 0x20;
/** Metadata is in a list in the envelope. */
const ENVELOPE_DEPTH_MAX = JSON_DEPTH_MAX + 2;

/** Of a block that follows an envelope. */
export const blockSchema = z.object({ bytes: z.int().nonnegative(), sha256: z.string() });

/** @param json text of an object with at least one key */
export function encodeEnvelope(magic: string, json: string): Buffer {
  const sealed = json.slice(0, -1) + sealOf(sha256(json));
  const bytes = Buffer.byteLength(sealed);
  const padded = Math.ceil((HEAD_BYTES + bytes) / ALIGNMENT) * ALIGNMENT - HEAD_BYTES;
  const frame = Buffer.alloc(HEAD_BYTES + padded, " ");
  frame.write(magic, 0, "latin1");
  frame.writeUInt32BE(padded, 4);
  frame.write(sealed, HEAD_BYTES);
  return frame;
}

/**
 * Length of the envelope, from the first 8 bytes.
 * @param size of the whole object
 * @throws DamagedError
 */
export function envelopeLength(magic: string, head: Buffer, size: number): number {
  if (size < HEAD_BYTES || head.length < HEAD_BYTES) throw new DamagedError(`It is ${size} bytes short.`);
  if (head.toString("latin1", 0, 4) !== magic) throw new DamagedError(`It does not start with ${magic}.`);
  const length = head.readUInt32BE(4);
  if (HEAD_BYTES + length > size) throw new DamagedError("It is cut off inside its envelope.");
  return length;
}

/** @throws DamagedError where the seal is broken or the envelope is not of this schema */
export function decodeEnvelope<T extends z.ZodType>(schema: T, bytes: Buffer): z.output<T> {
  let end = bytes.length;
  while (bytes[end - 1] === SPACE) end -= 1;
  const body = bytes.subarray(0, Math.max(0, end - SEAL_BYTES));
  const hash = createHash("sha256").update(body).update("}").digest("hex");
  if (bytes.toString("latin1", body.length, end) !== sealOf(hash)) {
    throw new DamagedError("Its envelope does not match its checksum.");
  }
  const parsed = schema.safeParse(parseEnvelope(body));
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new DamagedError(`Its envelope is not one: ${first!.path.join(".")}: ${first!.message}.`);
}

/** @param body without its last brace. @throws DamagedError */
function parseEnvelope(body: Buffer): unknown {
  if (!isUtf8(body)) throw new DamagedError("Its envelope is not UTF-8.");
  if (isDeeperThan(ENVELOPE_DEPTH_MAX, body)) throw new DamagedError(`It nests JSON over ${JSON_DEPTH_MAX} deep.`);
  try {
    return JSON.parse(`${body}}`);
  } catch (error) {
    throw new DamagedError(`Its envelope is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What takes the place of the envelope's last brace: the checksum of the envelope as it was with that brace. */
function sealOf(hash: string): string {
  return `,"sha256":"${hash}"}`;
}

const SEAL_BYTES = sealOf("0".repeat(64)).length;
