import { once } from "node:events";
import { connect } from "node:net";

export interface RawAnswer {
  status: number;
  /** Lower-case names; the last of several. */
  headers: Partial<Record<string, string>>;
  body: Buffer;
}

/** What came of it: an answer, or the other side closed without one. */
export type Outcome = RawAnswer | "closed" | "hung";

/**
 * Sends bytes as they are and reads until the other side closes, which every request here asks for.
 * @param isEnded whether our side is closed after the last byte, as a client does that has nothing more to say
 */
export async function rawExchange(
  url: string,
  request: Uint8Array | Uint8Array[],
  timeoutMs: number,
  { isEnded = false } = {},
): Promise<Outcome> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const chunks: Buffer[] = [];
  const timer = setTimeout(() => socket.destroy(new Error("hung")), timeoutMs);
  socket.on("data", (chunk) => chunks.push(chunk));
  const ended = new Promise<boolean>((resolve) => {
    socket.once("end", () => resolve(true));
    socket.once("error", ({ message }) => resolve(message !== "hung"));
  });
  try {
    for (const piece of [request].flat()) {
      if (!socket.writable) break;
      if (!socket.write(piece)) await Promise.race([once(socket, "drain"), ended]).catch(() => undefined); // `ended` tells
    }
    if (isEnded && socket.writable) socket.end();
    const isClosed = await ended;
    return isClosed ? (parseAnswer(Buffer.concat(chunks)) ?? "closed") : "hung";
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** The last answer of those that came, after any 100-continue. */
function parseAnswer(bytes: Buffer): RawAnswer | undefined {
  const text = bytes.toString("latin1");
  const start = /^(?:HTTP\/1\.1 1\d\d .*?\r\n\r\n)*/s.exec(text)![0].length;
  const end = text.indexOf("\r\n\r\n", start);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text.slice(start))?.[1];
  if (status === undefined || end < 0) return undefined;
  const lines = text.slice(start, end).split("\r\n").slice(1);
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return { status: Number(status), headers, body: bodyOf(bytes.subarray(end + 4), headers) };
}

function bodyOf(bytes: Buffer, headers: RawAnswer["headers"]): Buffer {
  if (headers["transfer-encoding"] === "chunked") return dechunked(bytes);
  const length = headers["content-length"];
  return length === undefined ? bytes : bytes.subarray(0, Number(length));
}

function dechunked(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (lineEnd < 0 || !(size > 0)) break;
    pieces.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(pieces);
}
