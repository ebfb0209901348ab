import { chatResultSchema } from "@lakehouse/contracts";
import { describe, expect, it } from "vitest";
import { eventsOf, openChatd } from "./open-chatd.ts";

const url = process.env["OLLAMA_URL"];
const model = process.env["OLLAMA_CHAT_MODEL"] ?? "qwen3:0.6b";
const answers = url !== undefined && (await hasModel(url));
if (!answers) {
  const why = url === undefined ? "OLLAMA_URL is not set" : `no Ollama with ${model} answers at ${url}`;
  process.stderr.write(`chatd: the tests against a real Ollama are SKIPPED, since ${why}.\n`);
}

describe.skipIf(!answers)("chatd with a real Ollama", () => {
  const messages = [{ role: "user", content: "Answer with the one word: yes" }];

  it("answers with counts", async () => {
    await using chatd = await openChatd(url!);
    const response = await chatd.chat({ model, messages, max_tokens: 20, temperature: 0 });
    const result = chatResultSchema.parse(await response.json());
    expect(result.content).toMatch(/yes/i);
    expect(result.input_tokens).toBeGreaterThan(0);
    expect(result.output_tokens).toBeGreaterThan(0);
  });

  it("streams", async () => {
    await using chatd = await openChatd(url!);
    const events = await eventsOf(chatd.chat({ model, messages, max_tokens: 20, stream: true }));
    expect(events.at(-1)?.data).toBe("[DONE]");
    expect(events.at(-2)?.data.output_tokens).toBeGreaterThan(0);
  });

  it("says what Ollama says of a model that it has not", async () => {
    await using chatd = await openChatd(url!);
    const response = await chatd.chat({ model: "no-such-model", messages });
    expect([response.status, await response.text()]).toEqual([502, expect.stringMatching(/not found/)]);
  });
});

async function hasModel(base: string): Promise<boolean> {
  try {
    const response = await fetch(`${base}/api/tags`, { signal: AbortSignal.timeout(2_000) });
    const { models } = (await response.json()) as { models: { name: string }[] };
    return models.some(({ name }) => name === model || name.startsWith(`${model}:`));
  } catch {
    return false; // nobody there, which the line above says
  }
}
