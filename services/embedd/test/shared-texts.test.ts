import { answerJson, eventually, type FakeUpstream, openRawConnection, startFakeUpstream } from "@lakehouse/testing";
import { startFakeOllama } from "@lakehouse/testing/ollama-embeddings";
import { describe, expect, it } from "vitest";
import { embedded, metric, openEmbedd, refused } from "./open-embedd.ts";

const provider = "ollama" as const;

/** To embed; beside these it is asked, by GET, whether it is there. */
const calls = ({ requests }: FakeUpstream) => requests.filter(({ method }) => method === "POST");

describe("clients that share a text", () => {
  it("make one call, and one who leaves takes nothing from the other", async () => {
    const gate = Promise.withResolvers<void>();
    await using ollama = await startFakeOllama({ until: () => gate.promise });
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url });
    const leaver = new AbortController();
    const left = embedd.post({ texts: ["a"] }, { signal: leaver.signal });
    await eventually("the first call is made", () => ollama.asked().length === 1);
    const stayed = embedded(embedd.post({ texts: ["b", "a"] }));
    await eventually("the second call is made", () => ollama.asked().length === 2);
    leaver.abort();
    await expect(left).rejects.toThrow();
    await eventually("it is seen to have left", async () => (await metric(embedd.url, "in_flight")) === 2);
    gate.resolve();
    expect((await stayed).vectors).toHaveLength(2);
    expect(ollama.asked()).toEqual([["a"], ["b"]]);
  });

  it("end the call when the last of them leaves", async () => {
    let closed = false;
    await using ollama = await startFakeUpstream(async ({ method }, response) => {
      if (method === "GET") return answerJson(response, 200, {}); // whether it is there
      response.on("close", () => {
        closed = true;
      });
      await new Promise(() => {});
    });
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url });
    await using one = await openRawConnection(embedd.url);
    await using two = await openRawConnection(embedd.url);
    const body = '{"texts":["a"]}';
    for (const client of [one, two]) {
      client.send(
        `POST /embed HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\ncontent-type: application/json\r\n\r\n${body}`,
      );
    }
    await eventually("both wait, for one call", async () => (await metric(embedd.url, "in_flight")) === 3);
    await eventually("the call is made", () => calls(ollama).length === 1);
    one.cut();
    await eventually("one has left", async () => (await metric(embedd.url, "in_flight")) === 2);
    expect(closed).toBe(false);
    two.cut();
    await eventually("the call is given up", () => closed);
    await eventually("nothing waits", async () => (await metric(embedd.url, "embedd_texts_waiting")) === 0);
  });

  it("fail together where the call fails, and the next who asks starts anew", async () => {
    let answers = 0;
    const gate = Promise.withResolvers<void>();
    await using ollama = await startFakeUpstream(async ({ method }, response) => {
      if (method === "GET") return answerJson(response, 200, {}); // whether it is there
      await gate.promise;
      if (answers++ === 0) answerJson(response, 400, { error: "bad" });
      else answerJson(response, 200, { embeddings: [[1]] });
    });
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url });
    const both = [refused(embedd.post({ texts: ["a"] })), refused(embedd.post({ texts: ["a"] }))];
    await eventually("both wait", async () => (await metric(embedd.url, "in_flight")) === 3);
    gate.resolve();
    for (const { status, code } of await Promise.all(both)) expect([status, code]).toEqual([502, "upstream_error"]);
    expect(calls(ollama)).toHaveLength(1);
    await embedded(embedd.post({ texts: ["a"] }));
  });
});
