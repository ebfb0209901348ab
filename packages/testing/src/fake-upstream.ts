import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface UpstreamRequest {
  method: string;
  /** Path and query as they were sent. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface FakeUpstream extends AsyncDisposable {
  url: string;
  port: number;
  /** Every request so far, in the order in which their bodies were complete. */
  requests: UpstreamRequest[];
  /** Cuts open connections too. */
  close(): Promise<void>;
}

export type UpstreamAnswer = (request: UpstreamRequest, response: ServerResponse) => void | Promise<void>;

/**
 * A real HTTP server that speaks the protocol of a service which is paid, remote or has to misbehave.
 * `answer` writes the response, slowly or wrongly if the test wants it so; `port` brings one back where it was.
 */
export async function startFakeUpstream(answer: UpstreamAnswer, port = 0): Promise<FakeUpstream> {
  const requests: UpstreamRequest[] = [];
  const server = createServer(async (message, response) => {
    try {
      const { method = "", url = "", headers } = message;
      const request = { method, url, headers, body: await buffer(message) };
      requests.push(request);
      await answer(request, response);
    } catch (error) {
      response.destroy(error as Error); // the client sees a broken connection, and so does the test
    }
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const address = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, requests, close, [Symbol.asyncDispose]: close };
}

/** Answers with JSON. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
