import { eventually } from "./eventually.ts";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The text as JSON; undefined where the answer has none. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of any shape, and fails where one is not there.
  body: any;
}

/** One request, with a JSON body where one is given: a text is sent as it is. */
export function ask(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  if (body === undefined) return answerOf(fetch(url, { method, headers }));
  const json = { "content-type": "application/json", ...headers };
  return answerOf(fetch(url, { method, headers: json, body: typeof body === "string" ? body : JSON.stringify(body) }));
}

/** A whole answer whose body is JSON, or empty. */
export async function answerOf(answered: Response | Promise<Response>): Promise<Answer> {
  const response = await answered;
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, text, body: text === "" ? undefined : JSON.parse(text) };
}

/** The body of an answer that has to be a success. */
export async function succeed(method: string, url: string, body?: unknown): Promise<Answer["body"]> {
  const answer = await ask(method, url, body);
  if (answer.status >= 400) throw new Error(`${method} ${url}: ${answer.status} ${answer.text}`);
  return answer.body;
}

/** Waits until a service's `/ready` answers 200. */
export async function untilReady(url: string): Promise<void> {
  await eventually(`${url} is ready`, async () => (await ask("GET", `${url}/ready`)).status === 200);
}
