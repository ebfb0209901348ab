import { answerJson, startFakeUpstream, type UpstreamAnswer, type UpstreamRequest } from "./fake-upstream.ts";

/** What every model says that no manners are given for, in its pieces. */
export const words = ["Hel", "lo, ", "Zürich"];
export const INPUT_TOKENS = 7;
export const OUTPUT_TOKENS = 3;

/**
 * An HTTP server that speaks Ollama's `/api/chat` and OpenAI's `/chat/completions`, streamed and not.
 * @param manners how a model of this name behaves instead
 */
export async function startFakeModels(manners: Record<string, UpstreamAnswer> = {}) {
  const upstream = await startFakeUpstream((request, response) => {
    const answer = manners[askedOf(request)["model"] as string] ?? answerWell;
    return answer(request, response);
  });
  /** Bodies of the requests so far. */
  const asked = () => upstream.requests.map(askedOf);
  return { ...upstream, asked };
}

export const answerWell: UpstreamAnswer = (request, response) => {
  if (askedOf(request)["stream"] !== true) return answerJson(response, 200, wholeAnswer(request, words.join("")));
  response.writeHead(200, { "content-type": streamType(request) });
  for (const word of words) response.write(piece(request, word));
  response.end(streamEnd(request));
};

/** The body of a request. */
export function askedOf({ body }: UpstreamRequest): Record<string, unknown> {
  return JSON.parse(String(body));
}

export function isOllama({ url }: UpstreamRequest): boolean {
  return url.endsWith("/api/chat");
}

export function wholeAnswer(request: UpstreamRequest, content: string, finish = "stop"): object {
  const { model } = askedOf(request);
  const message = { role: "assistant", content };
  if (isOllama(request)) return { model, created_at: "2026-01-01T00:00:00Z", message, ...ollamaEnd(finish) };
  const choices = [{ index: 0, message, finish_reason: finish, logprobs: null }];
  return { id: "gen-1", object: "chat.completion", created: 1_700_000_000, model, choices, usage };
}

export function streamType(request: UpstreamRequest): string {
  return isOllama(request) ? "application/x-ndjson" : "text/event-stream";
}

/** The bytes of one piece of a stream. */
export function piece(request: UpstreamRequest, content: string): string {
  if (isOllama(request)) return line({ message: { role: "assistant", content }, done: false });
  return event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
}

/** What follows the last piece. */
export function streamEnd(request: UpstreamRequest, finish = "stop"): string {
  if (isOllama(request)) return line({ message: { role: "assistant", content: "" }, ...ollamaEnd(finish) });
  const last = event({ choices: [{ index: 0, delta: {}, finish_reason: finish }] });
  return `${last}${event({ choices: [], usage })}data: [DONE]\n\n`;
}

export function line(value: object): string {
  return `${JSON.stringify({ model: "m", ...value })}\n`;
}

export function event(value: object): string {
  return `data: ${JSON.stringify({ id: "gen-1", object: "chat.completion.chunk", created: 1_700_000_000, ...value })}\n\n`;
}

const usage = {
  prompt_tokens: INPUT_TOKENS,
  completion_tokens: OUTPUT_TOKENS,
  total_tokens: INPUT_TOKENS + OUTPUT_TOKENS,
};

function ollamaEnd(done_reason: string): object {
  return { done: true, done_reason, prompt_eval_count: INPUT_TOKENS, eval_count: OUTPUT_TOKENS, total_duration: 1_000 };
}
