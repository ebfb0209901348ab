import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** What becomes of a request. `stall` keeps it waiting for so long, and then passes it on. */
export type ProxyFault =
  | { kind: "pass" }
  | { kind: "error"; status: 500 | 503 }
  | { kind: "stall"; forMs: number }
  /** Nobody there. */
  | { kind: "refuse" }
  /** The connection breaks after so many bytes of the answer's body. */
  | { kind: "cut-answer"; afterBytes: number }
  /** The whole request arrives, is done, and its answer is lost. */
  | { kind: "lose-answer" };

export interface FaultProxy extends AsyncDisposable {
  url: string;
  /** Asked for each request; passes all of them until it is set. */
  decide: () => ProxyFault;
  /** Requests that met a fault, by its kind. */
  counts: Partial<Record<ProxyFault["kind"], number>>;
}

/** Stands before an HTTP server and does to its clients what a bad network and a bad server do. Heads and bodies pass as they are. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const proxy: Pick<FaultProxy, "decide" | "counts"> = { decide: () => ({ kind: "pass" }), counts: {} };
  const server = createServer({ requestTimeout: 0 });
  const serve = async (message: IncomingMessage, response: ServerResponse) => {
    const fault = proxy.decide();
    if (fault.kind !== "pass") proxy.counts[fault.kind] = (proxy.counts[fault.kind] ?? 0) + 1;
    if (fault.kind === "refuse") return void message.socket.destroy();
    if (fault.kind === "error") return answerError(message, response, fault.status);
    if (fault.kind === "stall") await delay(fault.forMs);
    passOn(message, response, { hostname, port: Number(port) }, fault);
  };
  server.on("request", serve);
  server.on("checkContinue", (message: IncomingMessage, response: ServerResponse) => {
    response.writeContinue();
    return serve(message, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: ownPort } = server.address() as AddressInfo;
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${ownPort}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  });
}

function answerError(message: IncomingMessage, response: ServerResponse, status: number): void {
  message.resume();
  response.writeHead(status, { "content-type": "text/plain", connection: "close" }).end("A fault that was asked for.");
}

function passOn(
  message: IncomingMessage,
  response: ServerResponse,
  target: { hostname: string; port: number },
  fault: ProxyFault,
) {
  const { method, url, rawHeaders } = message;
  const sent = request({ ...target, method, path: url, headers: rawHeaders, agent: false });
  const breakOff = () => void message.socket.destroy();
  sent.on("error", breakOff).on("response", (answer) => {
    if (fault.kind === "lose-answer") return void breakOff();
    response.writeHead(answer.statusCode!, answer.rawHeaders);
    answer.on("error", breakOff).pipe(response);
    if (fault.kind === "cut-answer") cutAfter(answer, fault.afterBytes, breakOff);
  });
  response.on("close", () => sent.destroy());
  message.pipe(sent);
}

function cutAfter(answer: IncomingMessage, bytes: number, breakOff: () => void): void {
  let passed = 0;
  answer.on("data", (chunk: Buffer) => {
    passed += chunk.length;
    if (passed > bytes) breakOff();
  });
}
