import { type ChatSummary, chatDeltaSchema, chatSummarySchema, errorBodySchema } from "@lakehouse/contracts";
import { readEvents, type ServerEvent } from "../formats/server-events.ts";
import { CliError, exitCodes } from "../terminal/cli-error.ts";
import { asTime } from "../terminal/figures.ts";
import { printable } from "../terminal/table.ts";
import { argumentOrInput, assertNoMore, note, print } from "../terminal/terminal.ts";
import type { Command } from "./command.ts";

/** A tier of `[models]`. */
const DEFAULT_MODEL = "local_hot";

export const chat: Command = {
  help: `lakehouse chat [--model MODEL] [--system TEXT] "PROMPT"

Asks a model and prints its answer as it comes. \`-\` reads the prompt from standard input. Ctrl-C stops the model.

  --model MODEL     a tier of [models] in lakehouse.toml, a model of the local Ollama, or provider/model; else
                    LAKEHOUSE_MODEL, else ${DEFAULT_MODEL}
  --system TEXT     how the model should behave

  lakehouse chat "Name three welding processes."
  lakehouse chat --model openrouter/openai/gpt-5 - <question.txt`,
  options: { model: { type: "string" }, system: { type: "string" } },

  async run({ options, positionals }, gateway) {
    assertNoMore(positionals, 1);
    const prompt = await argumentOrInput(positionals[0], 'prompt: lakehouse chat "PROMPT", or - for standard input');
    const { model = process.env["LAKEHOUSE_MODEL"] || DEFAULT_MODEL, system } = options;
    const messages = [
      ...(system === undefined ? [] : [{ role: "system", content: system }]),
      { role: "user", content: prompt },
    ];
    const body = JSON.stringify({ model, messages, stream: true });
    const answer = await gateway.request({ method: "POST", path: "/v1/chat", body });
    const end = await printStream(readEvents(gateway.chunks(answer)));
    if (end && process.stderr.isTTY) note(inFigures(end));
    return exitCodes.done;
  },
};

/** @returns the counts, which come last */
async function printStream(events: AsyncIterable<ServerEvent>): Promise<ChatSummary | undefined> {
  let end: ChatSummary | undefined;
  try {
    for await (const { name, data } of events) {
      if (data === "[DONE]") return end;
      if (name === "error") throw failure(data);
      const value: unknown = JSON.parse(data);
      const { data: said } = chatDeltaSchema.safeParse(value);
      if (said) await print(process.stdout.isTTY ? spoken(said.delta) : said.delta);
      else end = chatSummarySchema.safeParse(value).data;
    }
    throw new CliError(exitCodes.unreachable, "The answer broke off; it is not complete.");
  } finally {
    await print("\n");
  }
}

/** A model's lines stay lines; whatever else would work on the terminal is shown instead. */
function spoken(delta: string): string {
  return delta.split("\n").map(printable).join("\n");
}

function inFigures({ provider, model, input_tokens, output_tokens, latency_ms }: ChatSummary): string {
  return `${provider} ${model}: ${input_tokens} tokens in, ${output_tokens} out, ${asTime(latency_ms)}`;
}

function failure(data: string): CliError {
  const { error, code, request_id } = errorBodySchema.parse(JSON.parse(data));
  return new CliError(exitCodes.failed, error, [`code: ${code}`, `request_id: ${request_id}`]);
}
