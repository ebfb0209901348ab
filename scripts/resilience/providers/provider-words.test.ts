import {
  eventually,
  type FakeUpstream,
  type ServiceProcess,
  startFakeUpstream,
  startService,
} from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Manner,
  mannersTowards,
  modelOf,
  secretText,
  secretWords,
  startIndiscreetProvider,
} from "./indiscreet-provider.ts";

/** As providers make them; no two share a beginning. */
const keys = {
  OLLAMA_API_KEY: "7c0ffee5d00d4bad8.Xy12_qrsTUVw",
  OPENROUTER_API_KEY: "sk-or-v1-9f8e7d6c5b4a3210fedc",
  OPENCODE_API_KEY: "oc_Zz81mQ0pLk47RtYv",
  KIMI_API_KEY: "sk-kimi-5Vn3Bx9Ws2Hd8Jf6",
  OPENAI_API_KEY: "sk-svcacct-A1b2C3d4E5f6G7h8",
};
/** Request ids and durations of ours are as random as a PIN. */
const randomIds = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|"duration_ms":[\d.]+/g;
const KEY_PART_LENGTH = 6;
const keyParts = Object.values(keys).flatMap((key) =>
  Array.from({ length: key.length - KEY_PART_LENGTH + 1 }, (_, at) => key.slice(at, at + KEY_PART_LENGTH)),
);

const elsewhere = await startFakeUpstream((_request, response) => void response.end("{}"));
const manners = mannersTowards(elsewhere.url);
const prefixes = {
  ollama: "",
  ollama_cloud: "ollama_cloud/",
  openrouter: "openrouter/",
  opencode: "opencode/",
  kimi: "kimi/",
};

let provider: FakeUpstream;
let chatd: ServiceProcess;
let embedds: Record<"ollama" | "openai", ServiceProcess>;
let matrixd: ServiceProcess;
let gateway: ServiceProcess;

beforeAll(async () => {
  provider = await startIndiscreetProvider(manners);
  const { url } = provider;
  const urls = { ollama_url: url, ollama_cloud_url: url, openrouter_url: url, opencode_url: url, kimi_url: url };
  const embedd = (name: string, model: string) => ({ provider: name, model, ollama_url: url, openai_url: url });
  const start = (service: "chatd" | "embedd" | "matrixd" | "gateway", section: object) =>
    startService(service, { config: { [service]: section as Record<string, unknown> }, environment: keys });
  chatd = await start("chatd", urls);
  embedds = {
    ollama: await start("embedd", embedd("ollama", "400-echo")),
    openai: await start("embedd", embedd("openai", "429-date")),
  };
  matrixd = await start("matrixd", { embedd_url: embedds.openai.url });
  gateway = await start("gateway", { chatd_url: chatd.url, embedd_url: embedds.openai.url, matrixd_url: matrixd.url });
});

afterAll(async () => {
  const started = [gateway, matrixd, embedds.openai, embedds.ollama, chatd, provider, elsewhere];
  for (const one of started) await one[Symbol.asyncDispose]();
});

function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

function expectDiscreet(text: string): void {
  const told = text.replace(randomIds, "");
  expect(told).not.toMatch(secretWords);
  expect(keyParts.filter((part) => told.includes(part))).toEqual([]);
}

/** Status, code and Retry-After are right, and nothing of what was sent is in head or body. */
async function expectRefusal(answer: Promise<Response>, { status, code, waits = false }: Manner): Promise<void> {
  const response = await answer;
  const text = await response.text();
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  expect({ status: response.status, code: JSON.parse(text).code, text }).toMatchObject({ status, code });
  expectDiscreet(JSON.stringify([...response.headers]) + text);
  if (!waits) return expect(retryAfter).toBeNaN();
  expect(retryAfter).toBeGreaterThan(3_500);
  expect(retryAfter).toBeLessThanOrEqual(3_601);
}

const triesOf = (model: string) =>
  provider.requests.filter((one) => one.method === "POST" && modelOf(one) === model).length;
const messages = [{ role: "user", content: secretText }];

describe.each(Object.entries(manners))("a provider that answers %s", (model, manner) => {
  it.each(Object.keys(prefixes) as (keyof typeof prefixes)[])("to chatd, as %s, streamed or not", async (name) => {
    const asked = { model: prefixes[name] + model, messages };
    for (const path of ["/chat", "/chat/completions"]) {
      for (const stream of [false, true]) {
        const before = triesOf(model);
        await expectRefusal(post(chatd.url + path, { ...asked, stream }), manner);
        expect(triesOf(model) - before).toBe(1);
      }
    }
  });

  it.each(["ollama", "openai"] as const)("to embedd, as %s", async (name) => {
    const before = triesOf(model);
    await expectRefusal(post(`${embedds[name].url}/embed`, { model, texts: [secretText] }), manner);
    expect(triesOf(model) - before).toBe(manner.triesOfEmbedd ?? 1);
    await expectRefusal(post(`${embedds[name].url}/embeddings`, { model, input: [secretText, "and more"] }), manner);
  });
});

it.each(["ollama", "openrouter"] as const)(
  "a stream of %s that fails amid its words tells nothing of them",
  async (name) => {
    await using failing = await startFakeUpstream(({ headers }, response) => {
      const words = `can't go on with ${secretText} for ${headers.authorization}`;
      const isOllama = name === "ollama";
      const piece = isOllama
        ? { message: { content: "Hel" }, done: false }
        : { choices: [{ index: 0, delta: { content: "Hel" }, finish_reason: null }] };
      const lines = [piece, { error: isOllama ? words : { message: words } }].map((one) => JSON.stringify(one));
      response.end(lines.map((line) => (isOllama ? `${line}\n` : `data: ${line}\n\n`)).join(""));
    });
    const config = { chatd: { ollama_url: failing.url, openrouter_url: failing.url } };
    await using own = await startService("chatd", { config, environment: keys });
    const answer = await (
      await post(`${own.url}/chat`, { model: `${prefixes[name]}m`, messages, stream: true })
    ).text();
    expect(answer).toMatch(/"delta":"Hel"[\s\S]*event: error\ndata: .*"upstream_error"/);
    expectDiscreet(answer);
    expectDiscreet(own.log());
  },
);

describe("a limit at the provider of embedd", () => {
  const corpora = ["a"];
  const limited = manners["429-date"]!;

  it.each([
    ["search", { query_text: secretText, corpora }],
    ["relevance", { focus: secretText, chunks: [{ id: "c", text: secretText }] }],
    ["downgrade", { model: "cloud_strong", query_text: secretText, corpora: ["a", "b"] }],
    ["playbooks/record", { query_text: secretText, answer_id: "x", answer_corpus: "a", score: 1 }],
  ])("passes through matrixd and the gateway with code and Retry-After: %s", async (path, body) => {
    const before = triesOf("429-date");
    await expectRefusal(post(`${matrixd.url}/matrix/${path}`, body), limited);
    await expectRefusal(post(`${gateway.url}/v1/matrix/${path}`, body), limited);
    expect(triesOf("429-date") - before).toBe(2);
  });

  it("passes through the gateway, in OpenAI's shape too", async () => {
    for (const path of ["embed", "embeddings"]) {
      const body = path === "embed" ? { texts: [secretText] } : { input: secretText };
      await expectRefusal(post(`${gateway.url}/v1/${path}`, body), limited);
    }
  });
});

it("an error at the provider of embedd passes through matrixd, whose log has none of its words", async () => {
  await using own = await startService("matrixd", { config: { matrixd: { embedd_url: embedds.ollama.url } } });
  const answer = post(`${own.url}/matrix/search`, { query_text: secretText, corpora: ["a"] });
  await expectRefusal(answer, manners["400-echo"]!);
  await eventually("it is logged", () => own.log().includes("ollama answered 400."));
  expect(own.log()).not.toContain("It says");
  expectDiscreet(own.log());
});

it("no redirect was followed, and no log has a part of a key or a word that was asked", () => {
  expect(elsewhere.requests).toEqual([]);
  for (const { log } of [chatd, embedds.ollama, embedds.openai, matrixd, gateway]) expectDiscreet(log());
  for (const { log } of [chatd, embedds.ollama, embedds.openai]) expect(log()).toContain('"upstream_error"');
});
