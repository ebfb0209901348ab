import { once } from "node:events";
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

/** What becomes of a request. `stall` keeps it waiting for so long, and then passes it on. */
export type ProxyFault =
  | { kind: "pass" }
  /** With a code it is one of our services' errors, without one a stranger's. */
  | { kind: "error"; status: number; code?: string }
  | { kind: "stall"; forMs: number }
  /** Nobody there. */
  | { kind: "refuse" }
  /** The connection breaks after so many bytes of the answer's body. */
  | { kind: "cut-answer"; afterBytes: number }
  /** The whole request arrives, is done, and its answer is lost. */
  | { kind: "lose-answer" };

export interface ProxiedRequest {
  method: string;
  /** Path and query as they were sent. */
  url: string;
}

export interface FaultProxy extends AsyncDisposable {
  url: string;
  /** Asked for each request, which waits for it; passes all of them until it is set. */
  decide: (request: ProxiedRequest) => ProxyFault | Promise<ProxyFault>;
  /** Requests that met a fault, by its kind. */
  counts: Partial<Record<ProxyFault["kind"], number>>;
}

/**
 * Stands before an HTTP server and does to its clients what a bad network and a bad server do. Heads and bodies pass as they are.
 * @param options `isWhole` takes in a whole request before it decides, and passes it on even if its client has left by then
 */
export async function startFaultProxy(target: string, { isWhole = false } = {}): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const proxy: Pick<FaultProxy, "decide" | "counts"> = { decide: () => ({ kind: "pass" }), counts: {} };
  const server = createServer({ requestTimeout: 0 });
  const serve = async (message: IncomingMessage, response: ServerResponse) => {
    const { method = "", url = "" } = message;
    const whole = isWhole ? await buffer(message).catch(() => undefined) : undefined;
    if (isWhole && whole === undefined) return; // its client broke off
    const fault = await proxy.decide({ method, url });
    if (fault.kind !== "pass") proxy.counts[fault.kind] = (proxy.counts[fault.kind] ?? 0) + 1;
    if (fault.kind === "refuse") return void message.socket.destroy();
    if (fault.kind === "error") return answerError(message, response, fault);
    if (fault.kind === "stall") await delay(fault.forMs);
    const sent = passOn(message, response, { hostname, port: Number(port) }, fault);
    if (whole !== undefined) return void sent.end(whole);
    response.on("close", () => sent.destroy());
    message.pipe(sent);
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

function answerError(
  message: IncomingMessage,
  response: ServerResponse,
  { status, code }: { status: number; code?: string },
): void {
  message.resume();
  const error = "A fault that was asked for.";
  const type = code === undefined ? "text/plain" : "application/json";
  response.writeHead(status, { "content-type": type, connection: "close" });
  response.end(code === undefined ? error : JSON.stringify({ error, code, request_id: "test" }));
}

function passOn(
  message: IncomingMessage,
  response: ServerResponse,
  target: { hostname: string; port: number },
  fault: ProxyFault,
): ClientRequest {
  const { method, url, rawHeaders } = message;
  const sent = request({ ...target, method, path: url, headers: rawHeaders, agent: false });
  const breakOff = () => void message.socket.destroy();
  sent.on("error", breakOff).on("response", (answer) => {
    if (fault.kind === "lose-answer") return void breakOff();
    if (response.destroyed) return void answer.resume(); // its client has left
    response.writeHead(answer.statusCode!, answer.rawHeaders);
    answer.on("error", breakOff).pipe(response);
    if (fault.kind === "cut-answer") cutAfter(answer, fault.afterBytes, breakOff);
  });
  return sent;
}

function cutAfter(answer: IncomingMessage, bytes: number, breakOff: () => void): void {
  let passed = 0;
  answer.on("data", (chunk: Buffer) => {
    passed += chunk.length;
    if (passed > bytes) breakOff();
  });
}
