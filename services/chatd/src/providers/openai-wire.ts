import { type Completion, type CompletionChunk, completionChunkSchema, completionSchema } from "@lakehouse/contracts";
import type { Prompt } from "./chat-provider.ts";
import { checkAnswer, parseAnswer } from "./parse-answer.ts";
import type { ProviderErrors } from "./provider-errors.ts";
import { serverSentData } from "./server-sent-data.ts";
import type { Wire } from "./wire.ts";

/** How an API that speaks OpenAI's says whether a model may think: each has its own field. */
export type ThinkSwitch = (think: boolean) => object;

/** OpenAI's `/chat/completions`: what was asked passes as it is, and so does what is answered. */
export class OpenaiWire implements Wire {
  readonly path = "/chat/completions";
  readonly #errors: ProviderErrors;
  readonly #thinkSwitch: ThinkSwitch;

  constructor(errors: ProviderErrors, thinkSwitch: ThinkSwitch) {
    this.#errors = errors;
    this.#thinkSwitch = thinkSwitch;
  }

  body({ model, body, think }: Prompt, stream: boolean): object {
    const thinking = think === undefined ? {} : this.#thinkSwitch(think);
    // Tokens are counted for every call, so a stream is asked for them too.
    const streaming = stream ? { stream, stream_options: { include_usage: true } } : {};
    return { ...body, ...thinking, ...streaming, model };
  }

  completion(answer: unknown): Completion {
    return checkAnswer(completionSchema, answer, this.#errors);
  }

  /** A stream is whole when it says `[DONE]`, or when a choice has told why it finished. */
  async *chunks(lines: AsyncIterable<string>): AsyncGenerator<CompletionChunk> {
    let isFinished = false;
    for await (const data of serverSentData(lines)) {
      if (data === "[DONE]") return;
      const chunk = checkAnswer(completionChunkSchema, parseAnswer(data, this.#errors), this.#errors);
      isFinished ||= chunk.choices.some(({ finish_reason: reason }) => typeof reason === "string");
      yield chunk;
    }
    if (!isFinished) throw this.#errors.badAnswer("a stream that ends before its answer does");
  }
}
