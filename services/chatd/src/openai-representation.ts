import type { ChunkChoice } from "@lakehouse/contracts";
import type { ChatAnswer, ChatEvent } from "./chat.ts";

export interface Labels {
  id: string;
  /** As the client named it. */
  model: string;
}

/** A completion as its provider gave it, under our id and the name that its model was asked for by. */
export function completionOf({ completion }: ChatAnswer, { id, model }: Labels): object {
  return { ...completion, id, object: "chat.completion", created: now(), model };
}

/**
 * Chunks as their provider gave them, labelled likewise. The first ones are held back until one says something, so that what fails before has an answer
 * of its own.
 * @param hasUsage whether the tokens follow in a last chunk of their own
 */
export async function* chunksOf(
  events: AsyncIterable<ChatEvent>,
  { id, model }: Labels,
  hasUsage: boolean,
): AsyncGenerator<object> {
  const label = { id, object: "chat.completion.chunk", created: now(), model };
  let held: object[] | undefined = [];
  for await (const event of events) {
    if ("summary" in event) {
      const { input_tokens: input, output_tokens: output } = event.summary;
      const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
      if (hasUsage) yield { ...label, choices: [], usage };
      continue;
    }
    const { usage: _, choices, ...chunk } = event.chunk;
    if (choices.length === 0) continue;
    const shown = { ...chunk, ...label, choices: choices.map(withRole) };
    held?.push(shown);
    if (held && !choices.some(saysSomething)) continue;
    yield* held ?? [shown];
    held = undefined;
  }
}

/** Not every provider says whose words they are, and OpenAI's client wants to know. */
function withRole(choice: ChunkChoice): ChunkChoice {
  return { ...choice, delta: { role: "assistant", ...choice.delta } };
}

/** A role alone is nothing yet; thinking is something to who wants to see it. */
function saysSomething({ delta }: ChunkChoice): boolean {
  return Object.entries(delta).some(([field, value]) => field !== "role" && value !== null && value !== "");
}

function now(): number {
  return Math.floor(Date.now() / 1_000);
}
