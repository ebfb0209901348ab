import { createHash } from "node:crypto";
import { encodeEnvelope, HEAD_BYTES } from "../../src/formats/frame.ts";

/** Index file or log record, taken apart. */
export interface Frame {
  magic: string;
  // biome-ignore lint/suspicious/noExplicitAny: forged at will.
  envelope: any;
  blocks: Buffer[];
}

/** @param bytes of one that is whole */
export function openFrame(bytes: Buffer): Frame {
  const start = HEAD_BYTES + bytes.readUInt32BE(4);
  const { sha256: _seal, ...envelope } = JSON.parse(bytes.toString("utf8", HEAD_BYTES, start));
  let at = start;
  const blocks = envelope.blocks.map((block: { bytes: number }) => {
    at += block.bytes;
    return Buffer.from(bytes.subarray(at - block.bytes, at));
  });
  return { magic: bytes.toString("latin1", 0, 4), envelope, blocks };
}

/** Puts it together again with checksums that are right, whatever is in it. */
export function sealFrame({ magic, envelope, blocks }: Frame): Buffer {
  const listed = { ...envelope, blocks: blocks.map(describe) };
  return sealText(magic, JSON.stringify(listed), blocks);
}

/** @param json of the envelope, which has the blocks' checksums; it need not be JSON */
export function sealText(magic: string, json: string, blocks: readonly Buffer[]): Buffer {
  return Buffer.concat([encodeEnvelope(magic, json), ...blocks]);
}

export function describe(block: Buffer): { bytes: number; sha256: string } {
  return { bytes: block.length, sha256: createHash("sha256").update(block).digest("hex") };
}
