import { isUtf8 } from "node:buffer";
import { crc32 } from "node:zlib";

/** A line that is not as it was written; its message says how. */
export class BadLineError extends Error {}

/** `{"bytes":57,"crc32":"0a1b2c3d","record":{…}}`: length and checksum are those of the record's UTF-8. */
export function encodeLine(record: string): string {
  const checksum = crc32(record).toString(16).padStart(8, "0");
  return `{"bytes":${Buffer.byteLength(record)},"crc32":"${checksum}","record":${record}}\n`;
}

const framePattern = /^\{"bytes":(\d{1,9}),"crc32":"([0-9a-f]{8})","record":/;
const FRAME_BYTES_MAX = 64;
const CLOSING_BRACE = 0x7d;

/**
 * The record of a line, as UTF-8. The line is given without its newline.
 * @throws BadLineError
 */
export function decodeLine(line: Buffer): Buffer {
  const [frame, bytes, checksum] = framePattern.exec(line.toString("latin1", 0, FRAME_BYTES_MAX)) ?? [];
  if (frame === undefined) throw new BadLineError("It is no line of this log.");
  const end = frame.length + Number(bytes);
  if (line.length !== end + 1 || line[end] !== CLOSING_BRACE) throw new BadLineError("It has another length.");
  const record = line.subarray(frame.length, end);
  if (crc32(record) !== Number.parseInt(checksum!, 16)) throw new BadLineError("It has another checksum.");
  if (!isUtf8(record)) throw new BadLineError("Its record is not UTF-8.");
  return record;
}
