import { expect, test } from "vitest";
import { answerJson, ask, eventually, type ProxyFault, startFakeUpstream, startFaultProxy } from "./index.ts";

test.each<[ProxyFault, object | undefined, number]>([
  [{ kind: "pass" }, { status: 200, body: { stored: true } }, 1],
  [{ kind: "refuse" }, undefined, 0],
  [{ kind: "lose-answer" }, undefined, 1],
  [{ kind: "error", status: 507, code: "storage_full" }, { status: 507, body: { code: "storage_full" } }, 0],
])("%o", async (fault, answer, arrivals) => {
  await using upstream = await startFakeUpstream((_request, response) => answerJson(response, 200, { stored: true }));
  await using proxy = await startFaultProxy(upstream.url);
  proxy.decide = ({ method, url }) => (method === "PUT" && url === "/a?b=c" ? fault : { kind: "pass" });
  const asked = ask("PUT", `${proxy.url}/a?b=c`, { some: "bytes" });
  if (answer) expect(await asked).toMatchObject(answer);
  else await expect(asked).rejects.toThrow("fetch failed");
  expect(upstream.requests.map(({ body }) => String(body))).toEqual(Array(arrivals).fill('{"some":"bytes"}'));
});

test("a whole request arrives even if its client has left while the proxy decided", async () => {
  await using upstream = await startFakeUpstream((_request, response) => void response.end());
  await using proxy = await startFaultProxy(upstream.url, { isWhole: true });
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  proxy.decide = () => left.then(() => ({ kind: "pass" }));
  await expect(fetch(proxy.url, { method: "PUT", body: "late", signal: AbortSignal.timeout(100) })).rejects.toThrow();
  leave();
  await eventually("it arrives", () => String(upstream.requests[0]?.body) === "late");
});
