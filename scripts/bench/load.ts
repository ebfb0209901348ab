import { connect, type Socket } from "node:net";

export interface Load {
  /** Of each answer, in milliseconds from the request's first byte to the answer's last. */
  times: number[];
  seconds: number;
}

/**
 * Keeps as many requests under way as there are clients until `count` are answered, over plain sockets: what an HTTP library
 * costs the client would be taken from the two cores that the services need.
 * @param requestOf the whole request `i`, head and body; it must keep the connection
 * @param seen gets the body of each answer where given
 * @throws Error where an answer is not 2xx, or a connection ends
 */
export async function loadWith(
  url: string,
  { clients, count }: { clients: number; count: number },
  requestOf: (i: number) => Buffer,
  seen?: (i: number, body: Buffer) => void,
): Promise<Load> {
  const { hostname, port } = new URL(url);
  const sockets = await Promise.all(Array.from({ length: clients }, () => open(hostname, Number(port))));
  const times: number[] = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      for (let i = next++; i < count; i = next++) {
        const sent = performance.now();
        const body = await exchange(socket, requestOf(i), seen !== undefined);
        times.push(performance.now() - sent);
        seen?.(i, body);
      }
      socket.destroy();
    }),
  );
  return { times, seconds: (performance.now() - started) / 1_000 };
}

export function httpRequest(method: string, path: string, body: string | Buffer = "", headers = ""): Buffer {
  const head = `${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}

/** One request and its answer, which must have a Content-Length or be chunked. */
function exchange(socket: Socket, request: Buffer, keep: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const answer = new Answer(keep);
    const fail = () => reject(new Error(`The connection ended within the answer to ${request.subarray(0, 60)}`));
    const take = (chunk: Buffer) => {
      try {
        if (!answer.take(chunk)) return;
      } catch (error) {
        reject(error as Error);
      }
      socket.off("data", take).off("close", fail);
      resolve(answer.body());
    };
    socket.on("data", take).once("close", fail);
    socket.write(request);
  });
}

/** Finds the end of an answer without reading more of it than it must. */
class Answer {
  readonly #keep: boolean;
  readonly #chunks: Buffer[] = [];
  #head = "";
  /** Bytes of the body still to come; undefined while chunked. */
  #missing: number | undefined;
  #tail = "";

  constructor(keep: boolean) {
    this.#keep = keep;
  }

  /** @returns whether the answer is whole */
  take(chunk: Buffer): boolean {
    if (this.#head === "") return this.#takeHead(chunk);
    return this.#takeBody(chunk);
  }

  body(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  #takeHead(chunk: Buffer): boolean {
    const end = chunk.indexOf("\r\n\r\n");
    if (end === -1) throw new Error("The head of the answer came in parts.");
    this.#head = chunk.toString("latin1", 0, end);
    if (!/^HTTP\/1.1 2/.test(this.#head)) throw new Error(`${this.#head}\n${chunk.subarray(end, end + 300)}`);
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#head)?.[1];
    const isBare = this.#head.startsWith("HTTP/1.1 204");
    this.#missing = length === undefined && !isBare ? undefined : Number(length ?? 0);
    return this.#takeBody(chunk.subarray(end + 4));
  }

  #takeBody(chunk: Buffer): boolean {
    if (this.#keep) this.#chunks.push(chunk);
    if (this.#missing !== undefined) {
      this.#missing -= chunk.length;
      return this.#missing <= 0;
    }
    this.#tail = (this.#tail + chunk.subarray(-5).toString("latin1")).slice(-5);
    return this.#tail === "0\r\n\r\n";
  }
}
