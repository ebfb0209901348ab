import { startService, temporaryFolder } from "@lakehouse/testing";
import { httpRequest, loadWith } from "./load.ts";
import { openBench } from "./measure/bench.ts";
import { median } from "./measure/figure.ts";
import { inTurn } from "./measure/in-turn.ts";
import { versionOf } from "./measure/machine.ts";
import { CostMeter } from "./measure/process-cost.ts";
import { startNginx, startScript } from "./programs.ts";

const UPSTREAM = "the upstream itself";
const BARE = "@fastify/reply-from, bare";
const NGINX = "nginx proxy_pass, one worker";

const bench = openBench("gateway", { rounds: [5, 1], requests: [4_000, 400] });
const { rounds, requests } = bench.settings;

await using folder = await temporaryFolder();
await using upstream = await startScript("bare-upstream.ts");
await using gateway = await startService("gateway", { config: { gateway: { storaged_url: upstream.url } } });
await using proxy = await startScript("bare-proxy.ts", upstream.url);
const { host } = new URL(upstream.url);
await using nginx = await startNginx(
  folder.path,
  `upstream u { server ${host}; keepalive 64; } server { LISTEN location / { proxy_pass http://u; proxy_http_version 1.1; proxy_set_header connection ""; } }`,
);
bench.version("nginx", nginx && versionOf("nginx", "-v"));
if (!nginx) bench.note("nginx is not on this machine (Debian's package of that name).");

const request = httpRequest("GET", "/v1/storage/get/x");
const proxies = { [BARE]: proxy.url, ...(nginx && { [NGINX]: nginx.url }) };
await compare("one client, p50", { clients: 1, count: requests / 4 }, "ms", "less", {
  [UPSTREAM]: upstream.url,
  ...proxies,
});
await compare("16 clients", { clients: 16, count: requests }, "a second", "more", {
  ...proxies,
  [UPSTREAM]: upstream.url,
});
bench.finish();

/** An answer of 1 KiB by each way in turn: how long it takes in the middle, or how many there are in a second. */
async function compare(
  what: string,
  load: { clients: number; count: number },
  unit: string,
  better: "less" | "more",
  peers: Record<string, string>,
): Promise<void> {
  const meter = new CostMeter({ gateway });
  const measure = async (url: string) => {
    const { times, seconds } = await loadWith(url, load, () => request);
    return better === "less" ? median(times) : load.count / seconds;
  };
  for (const url of [gateway.url, ...Object.values(peers)]) await measure(url); // left out: nothing is compiled yet
  const sides = Object.entries(peers).map(([name, url]) => [name, () => measure(url)] as const);
  const measured = await inTurn(rounds, {
    "the gateway": () => meter.measure(() => measure(gateway.url)),
    ...Object.fromEntries(sides),
  });
  const reach = better === "less" ? { peer: UPSTREAM, factor: 1, plus: 0.4 } : { peer: BARE, factor: 0.9 };
  bench.add({ what, unit, better, measured, reaches: [reach], costs: meter.costs() });
}
