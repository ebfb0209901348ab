import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findTool, type S3Server, s3Call, startS3Server, startService, temporaryFolder } from "@lakehouse/testing";
import { httpRequest, loadWith } from "./load.ts";
import { openBench } from "./measure/bench.ts";
import type { Reach } from "./measure/figure.ts";
import { inTurn } from "./measure/in-turn.ts";
import { versionOf } from "./measure/machine.ts";
import { CostMeter } from "./measure/process-cost.ts";
import { startNginx } from "./programs.ts";

interface Size {
  name: string;
  bytes: number;
  clients: number;
  gets: number;
  puts: number;
  /** Of nginx's rate, for a GET. */
  factor: number;
}

interface Target {
  name: string;
  url: string;
  putPath: string;
  getPath: string;
}

const bench = openBench("storage", { rounds: [5, 1], gets: [2_000, 200] });
const { rounds, gets } = bench.settings;
const sizes: Size[] = [
  { name: "1 KiB", bytes: 2 ** 10, clients: 4, gets, puts: gets / 10, factor: 0.5 },
  { name: "1 MiB", bytes: 2 ** 20, clients: 4, gets: gets / 10, puts: gets / 50, factor: 0.5 },
  { name: "256 MiB", bytes: 2 ** 28, clients: 1, gets: 2, puts: 1, factor: 0.7 },
];

await using folder = await temporaryFolder();
const data = join(folder.path, "objects");
await using storaged = await startService("storaged", { config: { storaged: { data_dir: data } } });
mkdirSync(join(data, "primary/nginx"), { recursive: true });
await using nginx = await startNginx(
  folder.path,
  `server { LISTEN location / { root ${data}/primary; } location /nginx/ { root ${data}/primary; dav_methods PUT; } }`,
);
const minio = await startMinio();
const targets: Target[] = [
  { name: "storaged", url: storaged.url, putPath: "/storage/put/datasets/", getPath: "/storage/get/datasets/" },
  ...(nginx ? [{ name: "nginx", url: nginx.url, putPath: "/nginx/", getPath: "/datasets/" }] : []),
  ...(minio ? [{ name: "MinIO", url: minio.endpoint, putPath: "/bench/datasets/", getPath: "/bench/datasets/" }] : []),
];
bench.version("nginx", nginx && versionOf("nginx", "-v"));
if (!nginx) bench.note("nginx is not on this machine (Debian's package of that name).");
if (!minio) bench.note("MinIO is not on this machine; scripts/test-tools minio builds it.");

for (const size of sizes) {
  const body = Buffer.alloc(size.bytes, "lakehouse");
  // storaged answers once the disk has the object, nginx before that.
  await compare(size, "PUT", size.puts, ({ putPath }, i) =>
    httpRequest("PUT", `${putPath}${size.bytes}-${i % 8}`, body),
  );
  await compare(size, "GET", size.gets, ({ getPath }) => httpRequest("GET", `${getPath}${size.bytes}-0`));
}
bench.finish();
await minio?.close();

/** Requests a second to each target in turn. */
async function compare(
  { name, clients, factor }: Size,
  method: "GET" | "PUT",
  count: number,
  requestOf: (target: Target, i: number) => Buffer,
): Promise<void> {
  const sides = targets.map((target) => {
    const requests = Array.from({ length: method === "PUT" ? Math.min(count, 8) : 1 }, (_, i) => requestOf(target, i));
    const run = async () => {
      const { seconds } = await loadWith(target.url, { clients, count }, (i) => requests[i % requests.length]!);
      return count / seconds;
    };
    return [target.name, run] as const;
  });
  const reaches: Reach[] = method === "GET" ? [{ peer: "nginx", factor }] : [];
  for (const [, run] of sides) await run(); // left out: nothing is compiled or open yet
  const meter = new CostMeter({ storaged });
  const measured = await inTurn(rounds, {
    ...Object.fromEntries(sides),
    storaged: () => meter.measure(sides[0]![1]),
  });
  bench.add({
    what: `${method} ${name}, ${clients} at once`,
    unit: "a second",
    better: "more",
    measured,
    reaches,
    costs: meter.costs(),
  });
}

async function startMinio(): Promise<S3Server | undefined> {
  if (findTool("minio") === undefined) return undefined;
  const server = await startS3Server("minio");
  await server.makeBucket("bench");
  await openToAll(server);
  return server;
}

/** So that no request needs a signature of its own, which would be the client's cost. */
async function openToAll({ endpoint, credentials }: S3Server): Promise<void> {
  const statement = { Effect: "Allow", Principal: "*", Action: ["s3:*"], Resource: ["arn:aws:s3:::bench/*"] };
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const status = await s3Call("PUT", `${endpoint}/bench?policy=`, credentials, policy);
  if (status >= 300) throw new Error(`MinIO answered ${status} to the bucket's policy.`);
}
