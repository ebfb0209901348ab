import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Connections on which no byte has come yet. Node takes one for busy until its first request is answered, so
 * `closeIdleConnections` spares it, and it would hold a stopping server open for as long as its client likes.
 */
export class SilentConnections {
  readonly #open = new Set<Socket>();

  /** @param server that does not listen yet */
  constructor(server: Server) {
    server.on("connection", (socket) => {
      this.#open.add(socket);
      socket.once("close", () => this.#open.delete(socket));
    });
  }

  close(): void {
    for (const socket of this.#open) {
      if (socket.bytesRead === 0) socket.destroy();
    }
  }
}
