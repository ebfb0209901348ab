import type { ChunkChoice } from "@lakehouse/contracts";
import type { ChatAnswer, ChatEvent } from "./chat.ts";

export interface Labels {
  /** For a provider that gives its answers none. */
  id: string;
  /** As the client named it. */
  model: string;
}

/** A completion as its provider gave it, its model named as it was asked for. */
export function completionOf({ completion }: ChatAnswer, { id, model }: Labels): object {
  return { id, object: "chat.completion", created: now(), ...completion, model };
}

/**
 * Chunks as their provider gave them. The first ones are held back until one says something, so that what fails before has an answer
 * of its own.
 * @param hasUsage whether the tokens follow in a last chunk of their own
 */
export async function* chunksOf(
  events: AsyncIterable<ChatEvent>,
  { id, model }: Labels,
  hasUsage: boolean,
): AsyncGenerator<object> {
  const label = { id, object: "chat.completion.chunk", created: now() };
  let held: object[] | undefined = [];
  for await (const event of events) {
    if ("summary" in event) {
      const { input_tokens: input, output_tokens: output } = event.summary;
      const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
      if (hasUsage) yield { ...label, model, choices: [], usage };
      continue;
    }
    const { usage: _, ...chunk } = event.chunk;
    if (chunk.choices.length === 0) continue;
    const shown = { ...label, ...chunk, model };
    held?.push(shown);
    if (held && !chunk.choices.some(saysSomething)) continue;
    yield* held ?? [shown];
    held = undefined;
  }
}

/** A role alone is nothing yet; thinking is something to who wants to see it. */
function saysSomething({ delta }: ChunkChoice): boolean {
  return Object.entries(delta).some(([field, value]) => field !== "role" && value !== null && value !== "");
}

function now(): number {
  return Math.floor(Date.now() / 1_000);
}
