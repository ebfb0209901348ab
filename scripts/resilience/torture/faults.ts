import { closeSync, existsSync, globSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type ServiceName, serviceNames } from "@lakehouse/contracts";
import {
  eventually,
  type FaultProxy,
  openRawConnection,
  type ProxyFault,
  type RawConnection,
} from "@lakehouse/testing";
import type { Random } from "../random.ts";
import { Violation } from "./api-client.ts";
import { keepers, objectsFolder, type World } from "./world.ts";

/** Something that goes wrong for a while, and is over when the promise resolves. */
export interface Fault {
  name: string;
  /** How often it is drawn, beside the others. */
  weight: number;
  isPossible(world: World): boolean;
  run(world: World, random: Random): Promise<void>;
}

const always = () => true;
const clockShim = join(import.meta.dirname, "shifted-clock.cjs");
const IDLE_CONNECTIONS = 2_000;
const SLOW_CONNECTIONS = 200;
const BALLAST_PIECE = Buffer.alloc(2 ** 20);

export const faults: Fault[] = [
  {
    name: "kill -9 of one",
    weight: 6,
    isPossible: always,
    run: ({ lakehouse }, random) => killAll(lakehouse, [random.pick(serviceNames)], random),
  },
  {
    name: "kill -9 of some",
    weight: 2,
    isPossible: always,
    run: ({ lakehouse }, random) =>
      killAll(
        lakehouse,
        serviceNames.filter(() => random.chance(0.4)),
        random,
      ),
  },
  {
    name: "kill -9 of all",
    weight: 1,
    isPossible: always,
    run: ({ lakehouse }, random) => killAll(lakehouse, serviceNames, random),
  },
  { name: "stop and start of one", weight: 1, isPossible: always, run: restartOne },
  { name: "a service that hangs", weight: 3, isPossible: always, run: freezeOne },
  {
    name: "errors of storaged",
    weight: 2,
    isPossible: always,
    run: ({ storagedProxy }, random) => disturb(storagedProxy, random, errors),
  },
  {
    name: "stalls of storaged",
    weight: 1,
    isPossible: always,
    run: ({ storagedProxy }, random) => disturb(storagedProxy, random, stalls),
  },
  {
    name: "broken connections to storaged",
    weight: 2,
    isPossible: always,
    run: ({ storagedProxy }, random) => disturb(storagedProxy, random, breaks),
  },
  {
    name: "errors of S3",
    weight: 2,
    isPossible: hasS3,
    run: ({ s3Proxy }, random) => disturb(s3Proxy!, random, errors),
  },
  {
    name: "stalls of S3",
    weight: 1,
    isPossible: hasS3,
    run: ({ s3Proxy }, random) => disturb(s3Proxy!, random, stalls),
  },
  {
    name: "broken connections to S3",
    weight: 2,
    isPossible: hasS3,
    run: ({ s3Proxy }, random) => disturb(s3Proxy!, random, breaks),
  },
  { name: "kill -9 of the S3 server", weight: 2, isPossible: hasS3, run: killS3 },
  { name: "an S3 server that hangs", weight: 1, isPossible: hasS3, run: freezeS3 },
  { name: "a full disk", weight: 2, isPossible: ({ disk }) => disk !== undefined, run: fillDisk },
  {
    name: "a damaged manifest",
    weight: 1,
    isPossible: onFs,
    run: (world, random) => damage(world, "manifests", "_catalog/manifests/*.parquet", random),
  },
  {
    name: "a damaged index",
    weight: 1,
    isPossible: onFs,
    run: (world, random) => damage(world, "vectors", "_vectors/*.lhv1", random),
  },
  { name: "a wrong clock", weight: 1, isPossible: always, run: shiftClock },
  { name: "clients that vanish", weight: 2, isPossible: always, run: vanish },
  { name: "2,000 idle connections", weight: 1, isPossible: always, run: idle },
  { name: "clients that send a byte at a time", weight: 1, isPossible: always, run: trickle },
];

function hasS3({ s3 }: World): boolean {
  return s3 !== undefined;
}

function onFs(world: World): boolean {
  return objectsFolder(world) !== undefined;
}

async function killAll({ daemons }: World["lakehouse"], names: readonly ServiceName[], random: Random): Promise<void> {
  const pauses = names.map(() => random.integer(0, 1_500));
  await Promise.all(names.map((name) => daemons[name].stop("SIGKILL")));
  await Promise.all(names.map((name, at) => delay(pauses[at]).then(() => daemons[name].start())));
}

async function restartOne({ lakehouse }: World, random: Random): Promise<void> {
  const daemon = lakehouse.daemons[random.pick(serviceNames)];
  const code = await daemon.stop();
  if (code !== 0) throw new Violation(`${daemon.name} was stopped and exited ${code}`);
  await daemon.start();
}

async function freezeOne({ lakehouse }: World, random: Random): Promise<void> {
  const daemon = lakehouse.daemons[random.pick(serviceNames)];
  daemon.freeze();
  await delay(random.integer(500, 5_000));
  daemon.thaw();
}

async function disturb(proxy: FaultProxy, random: Random, draw: (random: Random) => ProxyFault): Promise<void> {
  const often = random.pick([0.2, 0.5, 1]);
  proxy.decide = () => (random.chance(often) ? draw(random) : { kind: "pass" });
  await delay(random.integer(500, 4_000));
  proxy.decide = () => ({ kind: "pass" });
}

const errors = (random: Random): ProxyFault => ({ kind: "error", status: random.pick([500, 503]) });
const stalls = (random: Random): ProxyFault => ({ kind: "stall", forMs: random.integer(200, 3_000) });
const breaks = (random: Random): ProxyFault =>
  random.pick<ProxyFault>([
    { kind: "refuse" },
    { kind: "lose-answer" },
    { kind: "cut-answer", afterBytes: random.integer(0, 2_000) },
  ]);

async function killS3({ s3 }: World, random: Random): Promise<void> {
  await s3!.kill();
  await delay(random.integer(0, 3_000));
  await s3!.restart();
}

async function freezeS3({ s3 }: World, random: Random): Promise<void> {
  s3!.freeze();
  await delay(random.integer(500, 5_000));
  s3!.thaw();
}

async function fillDisk({ disk }: World, random: Random): Promise<void> {
  const path = join(disk!, "ballast");
  const file = openSync(path, "w");
  try {
    for (;;) writeSync(file, BALLAST_PIECE);
  } catch {
    // Full, as is wanted. The last pieces are given back now and then, so that some writes begin and can't end.
  } finally {
    closeSync(file);
  }
  await delay(random.integer(500, 3_000));
  rmSync(path);
}

/** A file is cut or flipped while its keeper is stopped: that is told, all else is served; put back, all is well again. */
async function damage(world: World, what: keyof typeof keepers, pattern: string, random: Random): Promise<void> {
  const folder = objectsFolder(world)!;
  const files = globSync(pattern, { cwd: folder }).sort();
  if (files.length === 0) return;
  const path = join(folder, random.pick(files));
  const daemon = world.lakehouse.daemons[keepers[what]];
  await daemon.stop();
  // Folded away, or deleted, while it stopped; or its fold was cut off, and the log that is still whole has all of it.
  if (!existsSync(path) || existsSync(firstRecordOf(path))) return daemon.start();
  const whole = readFileSync(path);
  const harmed = what === "vectors" && random.chance(0.5) ? flipped(whole, random) : cut(whole, random);
  writeFileSync(path, harmed);
  await daemon.start();
  // Where its keeper could mend it by itself, it has moved on, and what was there before would be the damage.
  const isStill = () => existsSync(path) && readFileSync(path).equals(harmed);
  const isTold = async () => (await saysDegraded(daemon.url)) || !isStill();
  await eventually(`${daemon.name} tells of the damage to ${path}, or mends it`, isTold, 30_000);
  await daemon.stop();
  if (isStill()) writeFileSync(path, whole);
  await daemon.start();
}

/** Of the log beside an index file; of anything else a file that is not there. */
function firstRecordOf(path: string): string {
  return join(dirname(path), "wal", basename(path, ".lhv1"), "1".padStart(16, "0"));
}

function cut(whole: Buffer, random: Random): Buffer {
  return whole.subarray(0, random.integer(0, whole.length - 1));
}

/** Not for Parquet, where some bytes mean nothing: its keeper rightly goes on where what it reads is what was written. */
function flipped(whole: Buffer, random: Random): Buffer {
  const harmed = Buffer.from(whole);
  harmed[random.integer(0, whole.length - 1)]! ^= 1 << random.integer(0, 7);
  return harmed;
}

async function saysDegraded(url: string): Promise<boolean> {
  const response = await fetch(`${url}/ready`);
  return ((await response.json()) as { status: string }).status === "degraded";
}

async function shiftClock({ lakehouse }: World, random: Random): Promise<void> {
  const daemon = lakehouse.daemons[random.pick(serviceNames)];
  const hours = random.pick([-24 * 400, -1, 1, 24 * 400]);
  await daemon.stop("SIGKILL");
  await daemon.start({ NODE_OPTIONS: `--require ${clockShim}`, CLOCK_SHIFT_MS: String(hours * 3_600_000) });
  await delay(random.integer(1_000, 4_000));
  await daemon.stop("SIGKILL");
  await daemon.start();
}

/** They leave in the middle of uploads, downloads, queries and ingests. */
async function vanish({ lakehouse }: World, random: Random): Promise<void> {
  const requests = [
    "PUT /v1/storage/put/vanished HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9000000\r\n\r\nhalf",
    "POST /v1/ingest?name=vanished HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\ncontent-length: 9000000\r\n\r\na,b\n1,2\n",
    'POST /v1/sql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 58\r\n\r\n{"sql":"SELECT * FROM range(100000000) t(x) ORDER BY -x"} ',
    "GET /v1/storage/list HTTP/1.1\r\nhost: localhost\r\n\r\n",
    "POST /v1/embed HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{",
  ];
  const connections = await Promise.all(Array.from({ length: 40 }, () => connectTo(lakehouse.url)));
  for (const connection of connections) connection.send(random.pick(requests));
  await delay(random.integer(50, 1_000));
  for (const connection of connections) connection.cut();
}

async function idle({ lakehouse }: World, random: Random): Promise<void> {
  const daemon = lakehouse.daemons[random.pick(serviceNames)];
  const connections = await Promise.all(Array.from({ length: IDLE_CONNECTIONS }, () => connectTo(daemon.url)));
  await eventually(`${daemon.name} answers beside them`, async () => (await fetch(`${daemon.url}/health`)).ok, 10_000);
  await delay(random.integer(200, 2_000));
  for (const connection of connections) connection.cut();
}

async function trickle({ lakehouse }: World, random: Random): Promise<void> {
  const head = "POST /v1/sql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n{";
  const connections = await Promise.all(Array.from({ length: SLOW_CONNECTIONS }, () => connectTo(lakehouse.url)));
  const bytes = random.integer(10, head.length);
  for (let at = 0; at < bytes; at++) {
    for (const connection of connections) connection.send(head.charAt(at));
    await delay(30);
  }
  await eventually("the gateway answers beside them", async () => (await fetch(`${lakehouse.url}/health`)).ok, 10_000);
  for (const connection of connections) connection.cut();
}

function connectTo(url: string): Promise<RawConnection> {
  return openRawConnection(url);
}
