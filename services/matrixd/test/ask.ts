export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  body: any;
  headers: Headers;
}

/** One request with a JSON body where one is given: a text is sent as it is. */
export async function ask(method: string, url: string, body?: unknown): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const init = body === undefined ? {} : { body: text, headers: { "content-type": "application/json" } };
  const response = await fetch(url, { method, ...init });
  const answer = await response.text();
  return { status: response.status, headers: response.headers, body: answer === "" ? undefined : JSON.parse(answer) };
}

/** The body of an answer that has to be a success. */
export async function succeed(method: string, url: string, body?: unknown): Promise<Answer["body"]> {
  const answer = await ask(method, url, body);
  if (answer.status >= 400) throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}
