import { answerJson, startFakeUpstream, type UpstreamAnswer } from "@lakehouse/testing";
import { describe, expect, it } from "vitest";
import { embedded, openEmbedd, refused } from "./open-embedd.ts";

const KEY = "sk-hush-hush";

async function open(answer: UpstreamAnswer) {
  const upstream = await startFakeUpstream(answer);
  const config = { provider: "openai" as const, openai_url: `${upstream.url}/v1`, openai_key_env: "MY_KEY" };
  const embedd = await openEmbedd(config, { MY_KEY: KEY });
  const close = async () => {
    await embedd[Symbol.asyncDispose]();
    await upstream.close();
  };
  return { upstream, embedd, [Symbol.asyncDispose]: close };
}

describe("embedd with an OpenAI-style API", () => {
  it("sends the key, the default model and the texts, and takes the vectors by their index", async () => {
    await using peer = await open((_request, response) => {
      const data = [
        { object: "embedding", index: 1, embedding: [0, 2] },
        { object: "embedding", index: 0, embedding: [3, 0] },
      ];
      answerJson(response, 200, { object: "list", data, usage: { prompt_tokens: 2, total_tokens: 2 } });
    });
    const answer = await embedded(peer.embedd.post({ texts: ["a", "b"] }));
    expect(answer).toEqual({
      model: "text-embedding-3-small",
      dimension: 2,
      vectors: [
        [1, 0],
        [0, 1],
      ],
    });
    const [request] = peer.upstream.requests;
    expect(request).toMatchObject({ url: "/v1/embeddings", headers: { authorization: `Bearer ${KEY}` } });
    expect(JSON.parse(String(request?.body))).toEqual({ model: "text-embedding-3-small", input: ["a", "b"] });
  });

  it("takes the order of a server that gives no index", async () => {
    await using peer = await open((_request, response) => {
      answerJson(response, 200, { data: [{ embedding: [1, 0] }, { embedding: [0, 1] }] });
    });
    const { vectors } = await embedded(peer.embedd.post({ texts: ["a", "b"] }));
    expect(vectors).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it.each([
    ["an index twice", [0, 0]],
    ["an index that no text has", [0, 2]],
    ["too few", [0]],
  ])("does not guess over %s", async (_what, indexes) => {
    await using peer = await open((_request, response) => {
      answerJson(response, 200, { data: indexes.map((index) => ({ index, embedding: [1, 2] })) });
    });
    const answer = await refused(peer.embedd.post({ texts: ["a", "b"] }));
    expect(answer).toMatchObject({ status: 502, code: "bad_upstream_answer" });
  });

  it("never shows the key, whatever the API says of it", async () => {
    for (const status of [401, 500]) {
      await using peer = await open((_request, response) => {
        answerJson(response, status, {
          error: { message: `Incorrect API key provided: ${KEY}.`, code: "invalid_api_key" },
        });
      });
      const answer = await refused(peer.embedd.post({ texts: ["a"] }));
      expect(answer).toMatchObject({ status: 502, code: "upstream_error", details: { status } });
      expect(JSON.stringify(answer)).not.toContain("hush");
    }
  });

  it("waits as long as it is told when it asks too fast, and not longer than a client would", async () => {
    let asked = 0;
    await using peer = await open((_request, response) => {
      if (asked++ === 0) answerJson(response, 429, { error: { message: "Slow down." } }, { "retry-after": "0" });
      else if (asked === 2) answerJson(response, 200, { data: [{ index: 0, embedding: [1] }] });
      else answerJson(response, 429, { error: { message: "Come back tomorrow." } }, { "retry-after": "86400" });
    });
    await embedded(peer.embedd.post({ texts: ["a"] }));
    const answer = await peer.embedd.post({ texts: ["b"] });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "86400"]);
    expect(asked).toBe(3);
  });

  it("sends no key where there is none", async () => {
    await using upstream = await startFakeUpstream((_request, response) => {
      answerJson(response, 200, { data: [{ embedding: [1] }] });
    });
    await using embedd = await openEmbedd({ provider: "openai", openai_url: upstream.url });
    await embedded(embedd.post({ texts: ["a"] }));
    expect(upstream.requests[0]?.headers.authorization).toBeUndefined();
  });
});
