import { parseArgs } from "node:util";
import { startService, temporaryFolder } from "@lakehouse/testing";
import { type Figure, inTurn, printFigures } from "./compare.ts";
import { httpRequest, loadWith } from "./load.ts";
import { startNginx, startScript } from "./programs.ts";
import { median } from "./stack.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    requests: { type: "string", default: "4000" },
    json: { type: "string" },
  },
});
const [rounds, requests] = [Number(values.rounds), Number(values.requests)];

await using folder = await temporaryFolder();
await using upstream = await startScript("bare-upstream.ts");
await using gateway = await startService("gateway", { config: { gateway: { storaged_url: upstream.url } } });
await using proxy = await startScript("bare-proxy.ts", upstream.url);
const { host } = new URL(upstream.url);
await using nginx = await startNginx(
  folder.path,
  `upstream u { server ${host}; keepalive 64; } server { LISTEN location / { proxy_pass http://u; proxy_http_version 1.1; proxy_set_header connection ""; } }`,
);

const request = httpRequest("GET", "/v1/storage/get/x");
const urls: Record<string, string> = {
  "lakehouse gateway": gateway.url,
  "@fastify/reply-from, bare": proxy.url,
  ...(nginx && { "nginx proxy_pass, one worker": nginx.url }),
};
const sides = (measure: (url: string) => Promise<number>) =>
  Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, () => measure(url)]));

const figures: Figure[] = [
  {
    what: "added to a request, p50, one client",
    unit: "ms",
    measured: await inTurn(
      rounds,
      sides(async (url) => (await p50(url)) - (await p50(upstream.url))),
    ),
    reach: "≤ 0.4 ms",
  },
  {
    what: "16 clients",
    unit: "requests/s",
    measured: await inTurn(rounds, sides(perSecond)),
    reach: "≥ 0.9 × bare",
  },
];
printFigures(figures, values.json);

async function p50(url: string): Promise<number> {
  const { times } = await loadWith(url, { clients: 1, count: requests / 4 }, () => request);
  return median(times);
}

async function perSecond(url: string): Promise<number> {
  const { seconds } = await loadWith(url, { clients: 16, count: requests }, () => request);
  return requests / seconds;
}
