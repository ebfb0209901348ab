import { embeddingsSchema, openaiErrorSchema } from "@lakehouse/contracts";
import { answerJson, startFakeUpstream } from "@lakehouse/testing";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { embedded, openEmbedd } from "./open-embedd.ts";

const texts = ["forklift operator in Chicago", "quarterly revenue of a bakery"];
const model = "text-embedding-3-small";

async function open(config: Parameters<typeof openEmbedd>[0] = {}) {
  const embedd = await openEmbedd(config);
  const client = new OpenAI({ baseURL: embedd.url, apiKey: "none", maxRetries: 0 });
  const ask = (body: unknown) => fetch(`${embedd.url}/embeddings`, { method: "POST", body: JSON.stringify(body) });
  return { ...embedd, client, ask };
}

describe("OpenAI's client", () => {
  it.each(["float", "base64", undefined] as const)("gets the vectors of /embed, encoded as %s", async (encoding) => {
    await using embedd = await open();
    const { vectors } = await embedded(embedd.post({ texts, model }));
    const asked = { model, input: texts, ...(encoding && { encoding_format: encoding }) };
    const { data, usage, ...answer } = await embedd.client.embeddings.create(asked);
    expect(answer).toMatchObject({ object: "list", model });
    expect(data.map(({ index }) => index)).toEqual([0, 1]);
    for (const [index, { embedding }] of data.entries()) {
      const given = encoding === "base64" ? floatsOf(String(embedding)) : embedding;
      expect(Float32Array.from(given)).toEqual(Float32Array.from(vectors[index]!));
    }
    expect(usage).toEqual({ prompt_tokens: 15, total_tokens: 15 });
  });

  it("may give one text", async () => {
    await using embedd = await open();
    const { data } = await embedd.client.embeddings.create({ model, input: texts[0]!, dimensions: 768, user: "u-1" });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([768]);
  });

  it("meets our refusals as errors of its own", async () => {
    await using embedd = await open({ max_batch: 2 });
    const create = (input: string[]) => embedd.client.embeddings.create({ model, input });
    await expect(create(["a", "b", "c"])).rejects.toThrow(OpenAI.BadRequestError);
    await expect(create(["a", ""])).rejects.toMatchObject({
      status: 400,
      type: "invalid_request_error",
      code: "invalid_request",
      param: "input.1",
      requestID: expect.any(String),
    });
  });

  it("meets a provider's failure as an error of its own", async () => {
    await using upstream = await startFakeUpstream((_request, response) => {
      answerJson(response, 401, { error: { message: "no" } });
    });
    await using embedd = await open({ provider: "openai", openai_url: upstream.url });
    await expect(embedd.client.embeddings.create({ model, input: texts })).rejects.toThrow(OpenAI.InternalServerError);
  });
});

describe("POST /embeddings", () => {
  it("answers as the contract says, with the configured model where none is named", async () => {
    await using embedd = await open();
    const answer = embeddingsSchema.parse(await (await embedd.ask({ input: "a" })).json());
    expect(answer.model).toBe("hashing-v1");
  });

  it.each([
    ["tokens", { input: [1, 2, 3] }, "input", /tokens/],
    ["lists of tokens", { input: [[1], [2]] }, "input", /tokens/],
    ["no input", { model }, "input", /text/],
    ["an empty list", { input: [] }, "input", /./],
    ["a text that is too long", { input: "é".repeat(200_000) }, "input.0", /bytes/],
    ["another dimension", { input: "a", dimensions: 256 }, "dimensions", /768/],
    ["another encoding", { input: "a", encoding_format: "int8" }, "encoding_format", /float/],
  ])("refuses %s in OpenAI's shape", async (_what, body, param, message) => {
    await using embedd = await open();
    const response = await embedd.ask(body);
    const { error, code } = openaiErrorSchema.parse(await response.json());
    expect([response.status, code]).toEqual([400, "invalid_request"]);
    expect(error).toMatchObject({
      type: "invalid_request_error",
      param,
      code,
      message: expect.stringMatching(message),
    });
  });

  it("refuses malformed JSON in that shape too", async () => {
    await using embedd = await open();
    const response = await fetch(`${embedd.url}/embeddings`, { method: "POST", body: "{" });
    expect(openaiErrorSchema.parse(await response.json()).error.code).toBe("invalid_json");
  });
});

function floatsOf(base64: string): number[] {
  const bytes = Buffer.from(base64, "base64");
  return Array.from({ length: bytes.length / 4 }, (_, place) => bytes.readFloatLE(place * 4));
}
