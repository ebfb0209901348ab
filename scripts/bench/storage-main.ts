import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findTool, type S3Server, s3Call, startS3Server, startService, temporaryFolder } from "@lakehouse/testing";
import { type Figure, inTurn, printFigures } from "./compare.ts";
import { httpRequest, loadWith } from "./load.ts";
import { startNginx } from "./programs.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" }, json: { type: "string" } } });
const rounds = Number(values.rounds);
const sizes = [
  { name: "1 KiB", bytes: 2 ** 10, clients: 4, gets: 2_000, puts: 200 },
  { name: "1 MiB", bytes: 2 ** 20, clients: 4, gets: 200, puts: 40 },
  { name: "256 MiB", bytes: 2 ** 28, clients: 1, gets: 2, puts: 1 },
];

await using folder = await temporaryFolder();
const data = join(folder.path, "objects");
await using storaged = await startService("storaged", { config: { storaged: { data_dir: data } } });
const upload = join(data, "primary/nginx");
mkdirSync(upload, { recursive: true });
await using nginx = await startNginx(
  folder.path,
  `server { LISTEN location / { root ${data}/primary; } location /nginx/ { root ${data}/primary; dav_methods PUT; } }`,
);
const minio = findTool("minio") === undefined ? undefined : await startS3Server("minio");
await minio?.makeBucket("bench");
if (minio) await openToAll(minio);

const figures: Figure[] = [];
for (const { name, bytes, clients, gets, puts } of sizes) {
  const body = Buffer.alloc(bytes, "lakehouse");
  const putters: Record<string, Target> = {
    storaged: { url: storaged.url, path: "/storage/put/datasets/" },
    ...(nginx && { "nginx, PUT without fsync": { url: nginx.url, path: "/nginx/" } }),
    ...(minio && { MinIO: { url: minio.endpoint, path: "/bench/datasets/" } }),
  };
  const perSecond = async (target: Target, count: number, requestOf: (i: number) => Buffer) =>
    count / (await loadWith(target.url, { clients, count }, requestOf)).seconds;
  const put = (target: Target) => {
    const requests = Array.from({ length: Math.min(puts, 8) }, (_, i) =>
      httpRequest("PUT", `${target.path}${bytes}-${i}`, body),
    );
    return perSecond(target, puts, (i) => requests[i % requests.length]!);
  };
  figures.push({
    what: `PUT ${name}, ${clients} at once`,
    unit: "requests/s",
    measured: await inTurn(
      rounds,
      mapped(putters, (target) => () => put(target)),
    ),
  });
  const getters: Record<string, Target> = {
    storaged: { url: storaged.url, path: "/storage/get/datasets/" },
    ...(nginx && { "nginx, the same files": { url: nginx.url, path: "/datasets/" } }),
    ...(minio && { MinIO: { url: minio.endpoint, path: "/bench/datasets/" } }),
  };
  const get = (target: Target) => perSecond(target, gets, () => httpRequest("GET", `${target.path}${bytes}-0`));
  figures.push({
    what: `GET ${name}, ${clients} at once`,
    unit: "requests/s",
    measured: await inTurn(
      rounds,
      mapped(getters, (target) => () => get(target)),
    ),
    reach: bytes > 2 ** 20 ? "≥ 0.7 × nginx" : "≥ 0.5 × nginx",
  });
}
printFigures(figures, values.json);
await minio?.close();

interface Target {
  url: string;
  path: string;
}

/** So that no request needs a signature of its own, which would be the client's cost. */
async function openToAll({ endpoint, credentials }: S3Server): Promise<void> {
  const statement = { Effect: "Allow", Principal: "*", Action: ["s3:*"], Resource: ["arn:aws:s3:::bench/*"] };
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const status = await s3Call("PUT", `${endpoint}/bench?policy=`, credentials, policy);
  if (status >= 300) throw new Error(`MinIO answered ${status} to the bucket's policy.`);
}

function mapped<T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
