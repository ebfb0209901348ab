import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, startService, temporaryFolder } from "@lakehouse/testing";
import { expect, it } from "vitest";

async function openEmbedd(folder: string, first: string) {
  const path = join(folder, "auth.env");
  const write = (text: string) => writeFileSync(path, text, { mode: 0o640 });
  write(first);
  const service = await startService("embedd", { config: { auth: { env_file: path } } });
  const statusWith = async (token: string) => {
    const answer = await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    await answer.text();
    return answer.status;
  };
  const reload = async (text: string) => {
    write(text);
    process.kill(service.pid, "SIGHUP");
  };
  return { service, statusWith, reload, [Symbol.asyncDispose]: async () => service[Symbol.asyncDispose]() };
}

it("SIGHUP takes the tokens anew, and what can't be read changes nothing", async () => {
  await using folder = await temporaryFolder();
  await using embedd = await openEmbedd(folder.path, "AUTH_TOKEN=first\n");
  expect([await embedd.statusWith("first"), await embedd.statusWith("second")]).toEqual([200, 401]);
  await embedd.reload("AUTH_TOKEN=second\nLAKEHOUSE_AUTH_SECONDARY_TOKENS=first\n");
  await eventually("the second passes", async () => (await embedd.statusWith("second")) === 200);
  expect(await embedd.statusWith("first")).toBe(200);
  await embedd.reload("AUTH_TOKEN=second\n");
  await eventually("the first is refused", async () => (await embedd.statusWith("first")) === 401);
  await embedd.reload("AUTH_TOKEN=third\nLAKEHOUSE_AUTH_TOKKEN=oops\n");
  await eventually("the log says why not", () => embedd.service.log().includes("what was in force stays so"));
  expect([await embedd.statusWith("second"), await embedd.statusWith("third")]).toEqual([200, 401]);
  expect(embedd.service.log()).toContain("the nearest is LAKEHOUSE_AUTH_TOKEN");
  for (const token of ["first", "second", "third"]) expect(embedd.service.log()).not.toContain(token);
});
