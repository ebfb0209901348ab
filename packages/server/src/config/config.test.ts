import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@lakehouse/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, defaults, loadConfig, variableFor } from "./config.ts";
import { parseAddress, parseDuration, parseSize } from "./config-keys.ts";

async function load(toml: string, environment: NodeJS.ProcessEnv = {}) {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "lakehouse.toml");
  writeFileSync(path, toml);
  return loadConfig(path, environment);
}

const failure = async (toml: string, environment?: NodeJS.ProcessEnv) => {
  const error = await load(toml, environment).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message;
};

describe("the configuration", () => {
  it("is the defaults, then the file, then the environment", async () => {
    const toml = '[queryd]\nquery_timeout = "1m"\nthreads = 3\n';
    const { config, given } = await load(toml, { LAKEHOUSE_QUERYD_THREADS: "4" });
    expect(config.queryd).toEqual({ ...defaults.queryd, query_timeout: 60_000, threads: 4 });
    expect(given).toEqual(new Set(["queryd.query_timeout", "queryd.threads"]));
  });

  it("warns of a path that does not exist and uses the defaults", () => {
    const { config, warnings } = loadConfig("/nowhere/lakehouse.toml", {});
    expect(config).toEqual(defaults);
    expect(warnings).toEqual([expect.stringContaining("/nowhere/lakehouse.toml")]);
  });

  it("names an unknown key and the nearest known one", async () => {
    expect(await failure("[queryd]\nquery_timout = 1\n")).toBe(
      "queryd.query_timout is not a key; the nearest is queryd.query_timeout",
    );
    expect(await failure("[querid]\n")).toBe("[querid] is not a section; the nearest is [queryd]");
    expect(await failure("", { LAKEHOUSE_QUERYD_BINDD: "x" })).toBe(
      "LAKEHOUSE_QUERYD_BINDD is not a key; the nearest is LAKEHOUSE_QUERYD_BIND",
    );
  });

  it("says of an invalid value what it got and what it expects", async () => {
    expect(await failure('[storaged]\nput_slots = "many"\n')).toBe(
      'storaged.put_slots is "many"; expects a whole number of at least 1',
    );
    expect(await failure("", { LAKEHOUSE_GATEWAY_SQL_URL: "x" })).toContain("is not a key");
    expect(await failure('[gateway]\nqueryd_url = "localhost:1"\n')).toContain("gateway.queryd_url");
    expect(await failure("[gateway]\nqueryd_url = ")).toContain("can't be read");
    expect(await failure('server = "x"\n')).toContain("[server] is");
  });

  it("names what is wrong inside a table of a list, and the nearest name that is right", async () => {
    const bucket = '[[storaged.buckets]]\nname = "primary"\n';
    expect(await failure(`${bucket}backend = "s3"\nbuckett = "b"\nbucket = "b"\n`)).toBe(
      "storaged.buckets[0].buckett is not a key; the nearest is storaged.buckets[0].bucket",
    );
    expect(await failure(`${bucket}backend = "gcs"\n`)).toContain('storaged.buckets[0].backend is "gcs"; expects');
    expect(await failure(`${bucket}backend = "s3"\n`)).toContain("storaged.buckets[0].bucket is missing; expects");
    const caps = '[{"prefix":"a/"},{"prefix":"b/","max_put_bytes":"1 KiBB"}]';
    expect(await failure("", { LAKEHOUSE_STORAGED_PREFIX_CAPS: caps })).toContain(
      "storaged.prefix_caps[0].max_put_bytes (from LAKEHOUSE_STORAGED_PREFIX_CAPS) is missing; expects",
    );
    expect(await failure("", { LAKEHOUSE_STORAGED_BUCKETS: "primary" })).toContain('is "primary"; expects');
  });

  it("says of a key outside every section that it is one", async () => {
    expect(await failure('timeout = "3s"\n')).toBe(
      "timeout stands in no section; expects one before it, such as [server]",
    );
  });

  it("never shows the credentials of a URL that is not valid", async () => {
    const message = await failure("", { LAKEHOUSE_GATEWAY_QUERYD_URL: "http://user:hush@host/" });
    expect(message).toContain('is "http://(hidden)@host/"; expects a URL');
  });

  it("never shows the credentials in a list of origins", () => {
    const load = () => loadConfig(undefined, { LAKEHOUSE_SERVER_ORIGINS: "https://app.example,https://me:pass@host" });
    expect(load).toThrow(/is \["https:\/\/app\.example","https:\/\/\(hidden\)@host"\]; expects origins/);
  });

  it("never shows a secret that is not valid", async () => {
    const message = await failure("[auth]\ntoken = 123456\n");
    expect(message).toBe("auth.token is (hidden); expects a text");
  });

  it("reads lists and tables from the environment", async () => {
    const { config } = await load("", {
      LAKEHOUSE_AUTH_ALLOWED_IPS: "10.0.0.0/8, 127.0.0.1",
      LAKEHOUSE_STORAGED_PREFIX_CAPS: '[{"prefix":"a/","max_put_bytes":"1 KiB"}]',
    });
    expect(config.auth.allowed_ips).toEqual(["10.0.0.0/8", "127.0.0.1"]);
    expect(config.storaged.prefix_caps).toEqual([{ prefix: "a/", max_put_bytes: 1024 }]);
  });

  it.each([
    "*",
    "*.example",
    "lake.example:3110",
    "http://lake.example",
    "lake.example/",
    "lake.example/v1",
    "",
    "a..b",
  ])("refuses the host %o, and names the key", async (host) => {
    const expected = `server.hosts is ${JSON.stringify(["lake", host])}; expects host names without scheme, port or path, such as "lake.example"`;
    expect(await failure(`[server]\nhosts = ["lake", ${JSON.stringify(host)}]\n`)).toBe(expected);
  });

  it.each([
    "*",
    "null",
    "",
    "app.example",
    "app.example:8080",
    "//app.example",
    "https://",
    "https://*",
    "https://*.example",
    "https://app.example/",
    "https://app.example/path",
    "https://app.example?x",
    "https://app.example#x",
    "https://app.example:99999",
    "https://app.example, https://other.example",
  ])("refuses the origin %o, and names the key", async (origin) => {
    const message = await failure(`[server]\norigins = [${JSON.stringify(origin)}]\n`);
    expect(message).toContain(
      `server.origins is ${JSON.stringify([origin])}; expects origins of scheme, host and port alone`,
    );
  });

  it("names the variable that has a host or an origin that is not valid", async () => {
    expect(await failure("", { LAKEHOUSE_SERVER_HOSTS: "lake.example, *" })).toContain(
      'server.hosts (from LAKEHOUSE_SERVER_HOSTS) is ["lake.example","*"]; expects',
    );
    expect(await failure("", { LAKEHOUSE_SERVER_ORIGINS: "*" })).toContain(
      'server.origins (from LAKEHOUSE_SERVER_ORIGINS) is ["*"]; expects',
    );
    expect(await failure('[server]\norigins = "https://app.example"\n')).toContain("server.origins is");
  });

  it("keeps hosts and origins as browsers write them", async () => {
    const { config } = await load(
      '[server]\nhosts = ["Lake.Example."]\norigins = ["HTTPS://App.Example:443", "http://[::1]:80"]\n',
    );
    expect(config.server.hosts).toEqual(["lake.example"]);
    expect(config.server.origins).toEqual(["https://app.example", "http://[::1]"]);
  });

  it("accepts the file that is shipped", () => {
    const { config, warnings } = loadConfig(join(import.meta.dirname, "../../../../lakehouse.toml"), {});
    expect(warnings).toEqual([]);
    expect(config.ingestd.max_ingest_bytes).toBe(4 * 2 ** 30);
  });

  it("tells the variable of a key", () => {
    expect(variableFor("queryd", "bind")).toBe("LAKEHOUSE_QUERYD_BIND");
  });
});

describe("quantities", () => {
  it.each([
    [parseSize, "256 MiB", 256 * 2 ** 20],
    [parseSize, "1.5KiB", 1536],
    [parseSize, 7, 7],
    [parseSize, "7", undefined],
    [parseSize, -1, undefined],
    [parseSize, 1.5, undefined],
    [parseSize, "1 constructor", undefined],
    [parseDuration, "500ms", 500],
    [parseDuration, "5m", 300_000],
    [parseDuration, 0, 0],
    [parseDuration, 30, undefined],
    [parseDuration, "30 days", undefined],
    [parseDuration, "25d", undefined],
  ])("%o reads %o", (parse, given, wanted) => {
    expect(parse(given)).toBe(wanted);
  });

  it("read any whole number of any unit back", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.constantFrom("KiB", "MiB", "GiB"), (amount, unit) => {
        expect(parseSize(`${amount} ${unit}`)).toBe(amount * 2 ** (10 * (["KiB", "MiB", "GiB"].indexOf(unit) + 1)));
      }),
    );
  });

  it.each([
    ["127.0.0.1:80", { host: "127.0.0.1", port: 80 }],
    ["[::1]:0", { host: "::1", port: 0 }],
    ["::1:80", undefined],
    ["host", undefined],
    ["host:70000", undefined],
  ])("an address %o is %o", (given, wanted) => {
    expect(parseAddress(given)).toEqual(wanted);
  });
});
