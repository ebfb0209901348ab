import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ServiceName, serviceNames } from "@lakehouse/contracts";
import { endWithUs, eventually, temporaryFolder } from "@lakehouse/testing";
import { expect, it } from "vitest";
import { fixedPorts } from "../resilience/lakehouse.ts";

const entry = join(import.meta.dirname, "up.ts");

function up(args: string[]): { child: ChildProcess; output: () => string } {
  const isForeign = (name: string) => name.startsWith("LAKEHOUSE_") || name === "AUTH_TOKEN";
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)));
  const child = spawn(process.execPath, [entry, ...args], { env });
  endWithUs(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return { child, output: () => output };
}

/** Each service on a port of its own, and where it finds its peers. */
async function addresses(): Promise<string> {
  const ports = await fixedPorts();
  const peers: Partial<Record<ServiceName, ServiceName[]>> = {
    gateway: serviceNames.filter((name) => name !== "gateway"),
    catalogd: ["storaged"],
    ingestd: ["storaged", "catalogd"],
    queryd: ["storaged", "catalogd"],
    vectord: ["storaged"],
    matrixd: ["embedd", "vectord"],
  };
  const sections = serviceNames.map((name) => {
    const urls = (peers[name] ?? []).map((peer) => `${peer}_url = "http://127.0.0.1:${ports[peer]}"\n`);
    return `[${name}]\nbind = "127.0.0.1:${ports[name]}"\n${urls.join("")}`;
  });
  return sections.join("");
}

/** All that it says until it is ready; then it is stopped, and has to exit 0. */
async function linesOf(auth: string): Promise<string[]> {
  await using folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  writeFileSync(at("auth.env"), "AUTH_TOKEN=one\n", { mode: 0o600 });
  writeFileSync(at("lakehouse.toml"), `${auth.replaceAll("$folder", folder.path)}\n${await addresses()}`);
  const { child, output } = up(["-config", at("lakehouse.toml"), "--data", at("data")]);
  await eventually("it says that it is ready", () => output().includes("lakehouse ready http://"), 60_000);
  const lines = output().split("\n");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  return lines;
}

const saysOpen = (line: string) => line.startsWith("No token is set");

it.each([
  ["auth.env_file", '[auth]\nenv_file = "$folder/auth.env"'],
  ["auth.secondary_tokens", '[auth]\nsecondary_tokens = ["two"]'],
])("is ready with a token from %s, without a word about it, stops all on SIGTERM, and exits 0", async (_key, auth) => {
  expect((await linesOf(auth)).filter(saysOpen)).toEqual([]);
});

it("says in one line that no token is set, and how to set one", async () => {
  const lines = (await linesOf("")).filter(saysOpen);
  expect(lines).toEqual([
    expect.stringMatching(/^No token .* Set AUTH_TOKEN in the environment, or auth\.token in .*lakehouse\.toml, and /),
  ]);
});

it("tells how it is used", async () => {
  const { child, output } = up(["--help"]);
  expect(await once(child, "close")).toEqual([0, null]);
  expect(output()).toBe("usage: scripts/up [-config FILE] [--data DIR]\n");
});
