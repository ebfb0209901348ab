import { createHash } from "node:crypto";
import { HEAD_BYTES } from "../../src/formats/frame.ts";

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
  return sealText(magic, Buffer.from(JSON.stringify(listed)), blocks);
}

/** @param json of the envelope, which has the blocks' checksums; it need be neither JSON nor text */
export function sealText(magic: string, json: Buffer, blocks: readonly Buffer[]): Buffer {
  const { sha256 } = describe(json);
  const sealed = Buffer.concat([json.subarray(0, -1), Buffer.from(`,"sha256":"${sha256}"}`)]);
  const padding = -(HEAD_BYTES + sealed.length) & 7;
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(magic, "latin1");
  head.writeUInt32BE(sealed.length + padding, 4);
  return Buffer.concat([head, sealed, Buffer.alloc(padding, " "), ...blocks]);
}

export function describe(block: Buffer): { bytes: number; sha256: string } {
  return { bytes: block.length, sha256: createHash("sha256").update(block).digest("hex") };
}
