import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answerJson, eventually, startService, temporaryFolder, type UpstreamAnswer } from "@lakehouse/testing";
import { askedOf, piece, startFakeModels, streamEnd, streamType, words } from "@lakehouse/testing/chat-models";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const token = "gate-hush";
const key = "sk-hush-hush-hush";
const secretPrompt = "My PIN is 4711.";
const messages = [{ role: "user" as const, content: secretPrompt }];

/** Gateway, chatd and embedd as processes of their own, closed by a token. */
async function openLakehouse(manners: Record<string, UpstreamAnswer>) {
  await using started = new AsyncDisposableStack();
  const upstream = started.use(await startFakeModels(manners));
  const environment = { AUTH_TOKEN: token, OPENROUTER_API_KEY: key };
  const config = { chatd: { ollama_url: upstream.url, openrouter_url: upstream.url } };
  const [chatd, embedd] = await Promise.all([
    startService("chatd", { config, environment }),
    startService("embedd", { environment }),
  ]);
  started.use(chatd);
  started.use(embedd);
  const urls = { chatd_url: chatd.url, embedd_url: embedd.url };
  const gateway = started.use(await startService("gateway", { config: { gateway: urls }, environment }));
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: token, maxRetries: 0 });
  const running = started.move();
  return { upstream, chatd, gateway, client, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

describe("OpenAI's client through the gateway, with our token as its key", () => {
  const held = Promise.withResolvers<() => void>();
  let lakehouse: Awaited<ReturnType<typeof openLakehouse>>;
  let client: OpenAI;
  const chat = (model: string, as = client) => as.chat.completions.create({ model, messages });

  beforeAll(async () => {
    lakehouse = await openLakehouse({
      slow: (request, response) => {
        response.writeHead(200, { "content-type": streamType(request) });
        response.write(piece(request, "One"));
        held.resolve(() => response.end(piece(request, "Two") + streamEnd(request)));
      },
      parrot: (request, response) => {
        const error = `can't do ${JSON.stringify(askedOf(request))} with ${request.headers.authorization}`;
        answerJson(response, 400, { error });
      },
      liar: (_request, response) => void response.writeHead(200).end(secretPrompt),
    });
    client = lakehouse.client;
  });
  afterAll(() => lakehouse[Symbol.asyncDispose]());

  it("chats, embeds and lists models", async () => {
    expect((await chat("m")).choices[0]?.message.content).toBe(words.join(""));
    const { data } = await client.embeddings.create({ model: "any", input: ["a", "b"] });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([768, 768]);
    expect((await Array.fromAsync(client.models.list())).length).toBeGreaterThan(0);
  });

  it("hears words as the model speaks", async () => {
    const stream = await client.chat.completions.create({ model: "slow", messages, stream: true });
    const chunks = stream[Symbol.asyncIterator]();
    expect((await chunks.next()).value?.choices[0]?.delta.content).toBe("One");
    (await held.promise)(); // the model had said no more until now
    expect((await chunks.next()).value?.choices[0]?.delta.content).toBe("Two");
  });

  it("is told what a provider says, without the key and the prompt", async () => {
    const error = await chat("openrouter/parrot").catch((thrown) => thrown);
    expect(error).toMatchObject({ status: 502, code: "upstream_error", type: "server_error" });
    expect(error.message).toMatch(/It says: can't do .*\[input\].* with Bearer \[key\]/);
    expect(error.message).not.toMatch(/4711|PIN|hush/);
    await expect(chat("liar")).rejects.toMatchObject({ code: "bad_upstream_answer" });
  });

  it("needs the token", async () => {
    const stranger = client.withOptions({ apiKey: "wrong" });
    const unauthorized = {
      constructor: OpenAI.AuthenticationError,
      code: "unauthorized",
      type: "authentication_error",
    };
    await expect(chat("m", stranger)).rejects.toMatchObject(unauthorized);
    await expect(stranger.embeddings.create({ model: "any", input: "a" })).rejects.toMatchObject(unauthorized);
    await expect(stranger.models.list()).rejects.toMatchObject(unauthorized);
  });

  it("is told in its own words that chatd is gone", async () => {
    await lakehouse.chatd.stop();
    const gone = { constructor: OpenAI.InternalServerError, code: "upstream_unavailable", type: "server_error" };
    await expect(chat("m")).rejects.toMatchObject(gone);
  });

  it("leaves no word, key or token in any log, and each credential with its own party", () => {
    for (const log of [lakehouse.chatd.log(), lakehouse.gateway.log()]) {
      expect(log).toContain('"status":502');
      expect(log).not.toMatch(/4711|hush|PIN/);
    }
    const sent = new Set(lakehouse.upstream.requests.map(({ headers }) => headers.authorization));
    expect(sent).toEqual(new Set([undefined, `Bearer ${key}`]));
  });
});

describe("chatd as a process", () => {
  it("takes a key from its file, and does not start where others can read it", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "kimi.env");
    writeFileSync(path, 'export KIMI_API_KEY="sk-hush"\n', { mode: 0o600 });
    const config = { chatd: { kimi_key_file: path } };
    await using chatd = await startService("chatd", { config });
    const listed = await (await fetch(`${chatd.url}/chat/providers`)).json();
    expect(listed).toEqual({ providers: ["ollama", "kimi"], default: "ollama" });
    chmodSync(path, 0o644);
    const failure = await startService("chatd", { config }).catch((error: Error) => error.message);
    expect(failure).toMatch(
      /chatd: configuration: chatd\.kimi_key_file .*kimi\.env has mode 0644; expects 0600 or 0640/,
    );
    expect(failure).not.toMatch(/hush/);
    const environment = { KIMI_API_KEY: "sk-environment" };
    await expect(startService("chatd", { config, environment })).rejects.toThrow(/kimi_key_file .* has mode 0644/);
  });

  it("lets a stream that is under way come to its end when it is told to stop", async () => {
    const held = Promise.withResolvers<() => void>();
    await using upstream = await startFakeModels({
      m: (request, response) => {
        response.write(piece(request, "One"));
        held.resolve(() => response.end(streamEnd(request)));
      },
    });
    await using chatd = await startService("chatd", { config: { chatd: { ollama_url: upstream.url } } });
    const body = JSON.stringify({ model: "m", messages, stream: true });
    const response = await fetch(`${chatd.url}/chat`, { method: "POST", body });
    const stopped = chatd.stop();
    await eventually("it is stopping", () => chatd.log().includes('"stopping"'));
    (await held.promise)();
    expect(await response.text()).toMatch(/\[DONE\]\n\n$/);
    expect(await stopped).toBe(0);
  });
});
