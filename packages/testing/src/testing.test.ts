import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { answerJson, eventually, freePort, openRawConnection, startFakeUpstream, temporaryFolder } from "./index.ts";

test("a temporary folder is gone when its scope ends", async () => {
  let path: string;
  {
    await using folder = await temporaryFolder();
    path = folder.path;
    expect(existsSync(path)).toBe(true);
  }
  expect(existsSync(path)).toBe(false);
});

test("eventually returns the first truthy value, and survives throws until then", async () => {
  let calls = 0;
  const check = () => {
    calls += 1;
    if (calls === 1) throw new Error("not yet");
    return calls === 3 && "there";
  };
  expect(await eventually("it comes", check)).toBe("there");
});

test("eventually gives up with the state in words and the last error as its cause", async () => {
  const never = eventually("the moon is blue", () => Promise.reject(new Error("grey")), 30);
  await expect(never).rejects.toMatchObject({
    message: expect.stringContaining("the moon is blue"),
    cause: { message: "grey" },
  });
});

test("a fake upstream records what it is asked, and comes back on its port", async () => {
  const upstream = await startFakeUpstream((_request, response) => answerJson(response, 201, { made: true }));
  const answer = await fetch(`${upstream.url}/things?x=1`, { method: "POST", body: "hello" });
  expect([answer.status, await answer.json()]).toEqual([201, { made: true }]);
  expect(upstream.requests).toMatchObject([{ method: "POST", url: "/things?x=1", body: Buffer.from("hello") }]);

  await upstream.close();
  await expect(fetch(upstream.url)).rejects.toThrow("fetch failed");
  await using again = await startFakeUpstream((_request, response) => answerJson(response, 200, {}), upstream.port);
  expect((await fetch(again.url)).status).toBe(200);
});

test("a raw connection says what no client would, and sees the end", async () => {
  await using upstream = await startFakeUpstream((_request, response) => void response.end("ok"));
  await using connection = await openRawConnection(upstream.url);
  connection.send("GET /a//b HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
  expect((await connection.receives(/HTTP\/1.1 (\d+)/))[1]).toBe("200");
  await eventually("the upstream closes", connection.isClosed);
  expect(upstream.requests[0]?.url).toBe("/a//b");
});

test("nobody listens on a free port", async () => {
  await expect(fetch(`http://127.0.0.1:${await freePort()}`)).rejects.toThrow("fetch failed");
});
