import { createHash } from "node:crypto";

const PATIENCE_MS = 30_000;

export interface Answer {
  status: number;
  body: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: answers of any shape are looked into, and what is not there is a violation.
  json(): any;
}

/** A promise of the system that was broken. */
export class Violation extends Error {}

/** The gateway, as a client meets it that is prepared for anything. */
export class ApiClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  get(path: string): Promise<Answer | undefined> {
    return this.send("GET", path);
  }

  postJson(path: string, body: unknown): Promise<Answer | undefined> {
    return this.send("POST", path, JSON.stringify(body), "application/json");
  }

  /**
   * @returns undefined where no whole answer came, or one that tells of a peer's fault: whether it was done is not known
   * @throws Violation where the service has a fault of its own
   */
  async send(
    method: string,
    path: string,
    body?: Uint8Array<ArrayBuffer> | string,
    type?: string,
  ): Promise<Answer | undefined> {
    const answer = await this.#exchange(method, path, body, type);
    const isOurs = answer?.body.includes('"internal_error"'); // not a 500 that a proxy of the torture's made up
    if (answer && isOurs) throw new Violation(`${method} ${path} was answered 500: ${String(answer.body)}`);
    return answer && answer.status < 500 ? answer : undefined;
  }

  async #exchange(method: string, path: string, body?: Uint8Array<ArrayBuffer> | string, type?: string) {
    try {
      const headers = type === undefined ? {} : { "content-type": type };
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const response = await fetch(this.#url + path, { method, headers, body: body ?? null, signal });
      const received = Buffer.from(await response.arrayBuffer());
      return { status: response.status, body: received, json: () => JSON.parse(String(received)) } satisfies Answer;
    } catch {
      return undefined; // broken off, or too late: what a client sees of a crash
    }
  }
}

export function digestOf(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
