import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * Stands before a server of this machine as if it were `roundTripMs` away: each byte goes through after half of that, in order.
 * @returns where it listens, until the process ends
 */
export async function delayedServer(endpoint: string, roundTripMs: number): Promise<string> {
  const { hostname, port } = new URL(endpoint);
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: hostname, port: Number(port), noDelay: true });
    sendOn(near, far, roundTripMs / 2);
    sendOn(far, near, roundTripMs / 2);
  });
  server.listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function sendOn(from: Socket, to: Socket, afterMs: number): void {
  from.on("data", (bytes) => setTimeout(() => to.write(bytes), afterMs));
  from.on("close", () => setTimeout(() => to.destroy(), afterMs));
  from.on("error", () => to.destroy());
}
