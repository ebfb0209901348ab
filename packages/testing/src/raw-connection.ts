import { once } from "node:events";
import { connect } from "node:net";
import { eventually } from "./eventually.ts";

export interface RawConnection extends AsyncDisposable {
  send(bytes: string | Uint8Array): void;
  /** All that came so far, as Latin-1. */
  received(): string;
  /** Waits until what came matches. */
  receives(pattern: RegExp): Promise<RegExpExecArray>;
  /** Whether the other side, or `cut`, has ended the connection. */
  isClosed(): boolean;
  /** Resets the connection, as a client whose machine lost its power. */
  cut(): void;
}

/** A bare TCP connection, for requests that no HTTP client would send. */
export async function openRawConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => socket.destroy()); // a reset is seen by isClosed
  await once(socket, "connect");
  const received = () => Buffer.concat(chunks).toString("latin1");
  const cut = () => void socket.resetAndDestroy();
  return {
    send: (bytes) => void socket.write(bytes),
    received,
    receives: (pattern) => eventually(`the connection receives ${pattern}`, () => pattern.exec(received())),
    isClosed: () => socket.closed || socket.readableEnded,
    cut,
    [Symbol.asyncDispose]: async () => cut(),
  };
}
