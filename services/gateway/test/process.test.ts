import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, openRawConnection, startFakeUpstream, startService, temporaryFolder } from "@lakehouse/testing";
import { describe, expect, it } from "vitest";

const repository = join(import.meta.dirname, "../../..");

/** A gateway that is expected to refuse to start. */
function run(args: string[], environment: Record<string, string> = {}): Promise<{ code: number; stderr: string }> {
  return new Promise((done) => {
    const env = { ...process.env, LAKEHOUSE_GATEWAY_BIND: "127.0.0.1:0", ...environment };
    const child = execFile(process.execPath, ["services/gateway/src/main.ts", ...args], { cwd: repository, env });
    let stderr = "";
    child.stderr?.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("exit", (code) => done({ code: code ?? -1, stderr }));
  });
}

describe("a daemon's process", () => {
  it("exits 1 with the address when the port is taken", async () => {
    await using taken = await startFakeUpstream(() => undefined);
    const { code, stderr } = await run([], { LAKEHOUSE_GATEWAY_BIND: `127.0.0.1:${taken.port}` });
    expect(code).toBe(1);
    expect(stderr).toContain(`127.0.0.1:${taken.port}`);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it.each([
    ["[gateway]\nqueryd_url = 'queryd:1'\n", /gateway\.queryd_url is "queryd:1"; expects a URL with scheme and host/],
    ["[server]\norigins = ['*']\n", /server\.origins is \["\*"\]; expects origins/],
    ["[server]\nhosts = ['lake:3110']\n", /server\.hosts is \["lake:3110"\]; expects host names/],
    ["[gateway]\nbnd = 'x'\n", /gateway\.bnd is not a key; the nearest is gateway\.bind/],
  ])("exits 1 before listening over %o", async (toml, message) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "lakehouse.toml");
    writeFileSync(path, toml);
    for (const flag of ["-config", "--config"]) {
      const { code, stderr } = await run([flag, path]);
      expect(code).toBe(1);
      expect(stderr).toMatch(message);
      expect(stderr.trim().split("\n")).toHaveLength(1);
    }
  });

  it("refuses a bind that others can reach without a token", async () => {
    const { code, stderr } = await run([], { LAKEHOUSE_GATEWAY_BIND: "0.0.0.0:0", AUTH_TOKEN: "" });
    expect([code, stderr]).toEqual([1, expect.stringContaining("auth.token")]);
  });

  it("lets what is in flight finish on SIGTERM, and exits 0", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using slow = await startFakeUpstream(async (_request, response) => {
      await held;
      response.end("done");
    });
    const config = { gateway: { queryd_url: slow.url }, server: { shutdown_grace: "10m" } };
    const gateway = await startService("gateway", { config });
    const answer = fetch(`${gateway.url}/v1/sql`);
    await eventually("the request is in flight", () => slow.requests.length === 1);
    const exit = gateway.stop("SIGTERM");
    await eventually("it stops accepting", () => isRefused(gateway.url));
    release();
    expect(await (await answer).text()).toBe("done");
    // fetch keeps its connection alive: that alone must not hold the process until the grace is over.
    expect(await exit).toBe(0);
  });

  it.each([
    ["cuts what does not finish within shutdown_grace", "200ms", undefined, 0],
    // null: the signal itself ended it, and no code of ours that could wait for anything.
    ["ends at once on a second signal", "10m", "SIGTERM", null],
    ["ends at once on a second signal of the other kind", "10m", "SIGINT", null],
  ] as const)("%s", async (_, shutdown_grace, second, code) => {
    await using silent = await startFakeUpstream(() => new Promise(() => {}));
    const config = { gateway: { queryd_url: silent.url }, server: { shutdown_grace } };
    await using gateway = await startService("gateway", { config });
    const answer = fetch(`${gateway.url}/v1/sql`).catch(() => "cut");
    await eventually("the request is in flight", () => silent.requests.length > 0);
    const exit = gateway.stop("SIGTERM");
    await eventually("it is stopping", () => gateway.log().includes("stopping"));
    if (second) process.kill(gateway.pid, second);
    expect([await exit, await answer]).toEqual([code, "cut"]);
  });

  it("is not held by connections that never sent a byte", async () => {
    await using gateway = await startService("gateway", { config: { server: { shutdown_grace: "10m" } } });
    await using silent = await openRawConnection(gateway.url);
    expect(await gateway.stop("SIGTERM")).toBe(0);
    await eventually("its client hears of it", () => silent.isClosed());
  });

  it("serves a request that comes while it stops, on a connection whose head has begun", async () => {
    await using gateway = await startService("gateway", { config: { server: { shutdown_grace: "10m" } } });
    await using slow = await openRawConnection(gateway.url);
    slow.send("GET /health HTTP/1.1\r\n");
    await fetch(`${gateway.url}/health`); // once this is answered, what was sent before it has been read
    const exit = gateway.stop("SIGTERM");
    await eventually("it stops accepting", () => isRefused(gateway.url));
    slow.send("host: localhost\r\n\r\n");
    await slow.receives(/^HTTP\/1\.1 200 /);
    expect(await exit).toBe(0);
  });

  it("answers what is not HTTP in the usual shape", async () => {
    await using gateway = await startService("gateway");
    await using broken = await openRawConnection(gateway.url);
    broken.send("NONSENSE\r\n\r\n");
    const [answer] = await broken.receives(/^HTTP\/1\.1 400 [\s\S]*\}/);
    expect(answer).toContain('"code":"invalid_request"');
    await using large = await openRawConnection(gateway.url);
    large.send(`GET /health HTTP/1.1\r\nhost: localhost\r\nx-large: ${"x".repeat(40_000)}\r\n\r\n`);
    expect((await large.receives(/^HTTP\/1\.1 431 [\s\S]*\}/))[0]).toContain('"code":"headers_too_large"');
  });
});

async function isRefused(url: string): Promise<boolean> {
  try {
    await using _connection = await openRawConnection(url);
    return false;
  } catch {
    return true; // which is what was asked
  }
}
