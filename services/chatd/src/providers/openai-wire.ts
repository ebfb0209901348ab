import { checkAnswer, type ProviderErrors, parseAnswer, serverSentData } from "@lakehouse/clients/provider";
import { type Completion, type CompletionChunk, completionChunkSchema, completionSchema } from "@lakehouse/contracts";
import type { Prompt } from "./chat-provider.ts";
import type { Wire } from "./wire.ts";

/** How an API that speaks OpenAI's says whether a model may think: each has its own field. */
export type ThinkSwitch = (think: boolean) => object;

/** OpenAI's `/chat/completions`: what was asked passes as it is, and so does what is answered. */
export class OpenaiWire implements Wire {
  readonly path = "/chat/completions";
  readonly #thinkSwitch: ThinkSwitch;

  constructor(thinkSwitch: ThinkSwitch) {
    this.#thinkSwitch = thinkSwitch;
  }

  body({ model, body, think }: Prompt, stream: boolean): object {
    const thinking = think === undefined ? {} : this.#thinkSwitch(think);
    // Tokens are counted for every call, so a stream is asked for them too.
    const streaming = stream ? { stream, stream_options: { include_usage: true } } : {};
    return { ...body, ...thinking, ...streaming, model };
  }

  completion(answer: unknown, errors: ProviderErrors): Completion {
    return checkAnswer(completionSchema, answer, errors, "a completion");
  }

  /** A stream is whole when it says `[DONE]`, or when a choice has told why it finished. */
  async *chunks(lines: AsyncIterable<string>, errors: ProviderErrors): AsyncGenerator<CompletionChunk> {
    let isFinished = false;
    for await (const data of serverSentData(lines)) {
      if (data === "[DONE]") return;
      const chunk = checkAnswer(completionChunkSchema, parseAnswer(data, errors), errors, "a completion");
      isFinished ||= chunk.choices.some(({ finish_reason: reason }) => typeof reason === "string");
      yield chunk;
    }
    if (!isFinished) throw errors.badAnswer("a stream that ends before its answer does");
  }
}
