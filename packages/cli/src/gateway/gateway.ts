import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { errorBodySchema } from "@lakehouse/contracts";
import { CliError, exitCodes } from "../terminal/cli-error.ts";
import type { Settings } from "./settings.ts";

/** Characters to quote of an error that is not in our shape. */
const FOREIGN_TEXT_MAX = 200;

export interface Call {
  method: "GET" | "POST";
  /** From `/v1` on, percent-encoded. */
  path: string;
  headers?: Record<string, string>;
  /** A text is JSON. */
  body?: string | AsyncIterable<Uint8Array>;
}

/** A zod schema, as far as it is needed here. */
interface Schema<T> {
  safeParse(value: unknown): { data?: T | undefined };
}

/** The gateway as this command talks to it: one token, one signal that Ctrl-C fires, no timeouts but the services' own. */
export class Gateway {
  readonly #settings: Settings;
  readonly #signal: AbortSignal;
  readonly #agent: Agent;
  readonly #send: typeof httpRequest;

  constructor(settings: Settings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
    const isHttps = settings.url.startsWith("https:");
    this.#agent = isHttps ? new HttpsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
    this.#send = isHttps ? httpsRequest : httpRequest;
  }

  /**
   * A successful answer, its body still to be read.
   * @throws CliError `refused`, `failed`, `unreachable`
   */
  async request({ method, path, headers, body }: Call): Promise<IncomingMessage> {
    const { url, token } = this.#settings;
    const options: RequestOptions = {
      method,
      agent: this.#agent,
      signal: this.#signal,
      headers: {
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...(typeof body === "string"
          ? { "content-type": "application/json", "content-length": Buffer.byteLength(body) }
          : {}),
        ...headers,
      },
    };
    const answer = await this.#guarded(() => this.#exchange(`${url}${path}`, options, body));
    if (answer.statusCode! >= 400) throw await this.#guarded(() => refusal(answer));
    return answer;
  }

  /** A small JSON answer, held against its contract. */
  async json<T>(call: Call, schema: Schema<T>): Promise<T> {
    const answer = await this.request(call);
    const content = await this.#guarded(() => text(answer));
    const parsed = schema.safeParse(parseJson(content));
    if (parsed.data !== undefined) return parsed.data;
    throw new CliError(exitCodes.failed, `What answers at ${this.#settings.url} is not a Lakehouse.`, [
      shortened(content),
    ]);
  }

  /** Reads a body to its end. @throws CliError `unreachable` where it breaks off */
  async *chunks(answer: IncomingMessage): AsyncGenerator<Buffer> {
    try {
      yield* answer as AsyncIterable<Buffer>;
    } catch (error) {
      throw this.#explain(error, "The answer broke off; it is not complete.");
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #exchange(url: string, options: RequestOptions, body: Call["body"] = ""): Promise<IncomingMessage> {
    const sent = this.#send(url, options);
    const answered = once(sent, "response") as Promise<[IncomingMessage]>;
    const source = Readable.from(typeof body === "string" ? [Buffer.from(body)] : body, { objectMode: false });
    // A failure to send rejects `answered` too, unless the answer is there already: an early one is a refusal, and counts.
    pipeline(source, sent).catch(() => undefined);
    const [answer] = await answered;
    if (!sent.writableFinished) answer.once("end", () => sent.destroy());
    return answer;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#explain(error, `The gateway at ${this.#settings.url} can't be reached.`);
    }
  }

  /** Ctrl-C looks like a broken connection too; `main` tells the two apart. */
  #explain(error: unknown, sentence: string): unknown {
    if (error instanceof CliError) return error;
    const { message, code } = error as NodeJS.ErrnoException;
    return new CliError(exitCodes.unreachable, sentence, [message || String(code)]);
  }
}

/** The service's own sentence, with what is needed to follow it up. */
async function refusal(answer: IncomingMessage): Promise<CliError> {
  const status = answer.statusCode!;
  const exitCode = status >= 500 ? exitCodes.failed : exitCodes.refused;
  const content = await text(answer);
  const { data: body } = errorBodySchema.safeParse(parseJson(content));
  if (!body)
    return new CliError(exitCode, `The answer was ${status}, in a form that is not ours.`, [shortened(content)]);
  const { error, code, request_id, details } = body;
  const retryAfter = answer.headers["retry-after"];
  return new CliError(exitCode, error, [
    `code: ${code}`,
    `request_id: ${request_id}`,
    ...(details === undefined ? [] : [`details: ${JSON.stringify(details)}`]),
    ...(retryAfter === undefined ? [] : [`try again after ${retryAfter} s`]),
  ]);
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined; // which no schema takes
  }
}

function shortened(content: string): string {
  return content.length > FOREIGN_TEXT_MAX ? `${content.slice(0, FOREIGN_TEXT_MAX)}…` : content;
}
