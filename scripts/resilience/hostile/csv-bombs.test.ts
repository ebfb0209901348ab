import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { httpCall, type ServiceProcess, startService, temporaryFolder } from "@lakehouse/testing";
import { afterAll, beforeAll, expect, it } from "vitest";

const MIB = 2 ** 20;
/** Beyond what ingestd had before; the bombs have a thousand times as much. */
const GROWTH_BYTES_MAX = 256 * MIB;
/** Characters of one field, within the longest row. */
const LONG = 2_000_000;

const opened = new AsyncDisposableStack();
let ingestd: ServiceProcess;

beforeAll(async () => {
  const folder = opened.use(await temporaryFolder()).path;
  const storage = { data_dir: join(folder, "objects"), max_put_bytes: "4 GiB" };
  const storaged = opened.use(await startService("storaged", { config: { storaged: storage } }));
  const catalogd = opened.use(await startService("catalogd", { config: { catalogd: { storaged_url: storaged.url } } }));
  const own = { storaged_url: storaged.url, catalogd_url: catalogd.url, spool_dir: join(folder, "spool") };
  ingestd = opened.use(await startService("ingestd", { config: { ingestd: { ...own, max_ingest_bytes: "4 GiB" } } }));
  await ingest(["a,b\n1,2\n"]); // what it needs once does not count
});

afterAll(() => opened.disposeAsync());

it.each<[string, () => Iterable<string>, number, string | undefined]>([
  ["one field of 1 GiB", () => chained("a\n", repeated("x", 1024)), 400, "field_too_large"],
  ["one quoted field of 1 GiB that never ends", () => chained('a\n"', repeated("x", 1024)), 400, "unterminated_quote"],
  ["one of 128 Mi lines", () => chained('a\n"', repeated("\n", 128)), 400, "unterminated_quote"],
  ["a header of 256 MiB", () => repeated("x", 256), 400, "field_too_large"],
  ["a quote that never ends", () => chained('a\n"', repeated("\n", 4)), 400, "unterminated_quote"],
  [
    "100,000 columns",
    () => [`${Array.from({ length: 100_000 }, (_, n) => `c${n}`).join(",")}\n1\n`],
    400,
    "field_too_large",
  ],
  ["a million columns without a name", () => [",".repeat(1_000_000), "\n"], 400, undefined],
  ["a quoted field of a million lines", () => ['a,b\n"', "x\n".repeat(1_000_000), '",1\n'], 200, undefined],
  ["a million empty lines", () => ["a,b\n", "\n".repeat(1_000_000)], 200, undefined],
  ["a million rows of quotes", () => ["a\n", '""""\n'.repeat(1_000_000)], 200, undefined],
])(
  "%s: bounded memory, and an answer",
  async (_bomb, pieces, status, code) => {
    writeFileSync(`/proc/${ingestd.pid}/clear_refs`, "5"); // the peak begins anew
    const before = memoryOf(ingestd, "VmRSS");
    const answer = await ingest(pieces());
    expect([answer.status, answer.json().code], String(answer.body)).toEqual([status, code ?? answer.json().code]);
    expect(memoryOf(ingestd, "VmHWM") - before).toBeLessThan(GROWTH_BYTES_MAX);
  },
  240_000,
);

/** Spellings that a pattern could try in more ways than one. */
it.each([
  ...[
    "1",
    "0",
    "-",
    "1.",
    "9e",
    "1e9",
    "true",
    "2020-01-01",
    "2020-01-01T00:00:00",
    "2020-01-01T00:00:00.0",
    "00:00:00+",
  ],
  ...["0.", " ", "\t", "a".repeat(9), "🦀", '""'],
])(
  "%j again and again is judged in time that grows with its length alone",
  async (spelling) => {
    const short = await timeOf(spelling, LONG / 16);
    const long = await timeOf(spelling, LONG);
    // Quadratic would be 256 times as long; the machine may be busy.
    expect(long).toBeLessThan(1_000 + 64 * short);
  },
  240_000,
);

async function timeOf(spelling: string, length: number): Promise<number> {
  const value = spelling.repeat(length / spelling.length);
  const begun = performance.now();
  const { status } = await ingest([`a,b\n${value}!,1\n1,"${value}!"\n`]);
  expect([200, 400]).toContain(status);
  return performance.now() - begun;
}

let ingests = 0;

/** A dataset each, since their schemas differ. */
function ingest(pieces: Iterable<string>) {
  ingests += 1;
  const headers = { "content-type": "text/csv" };
  return httpCall("POST", ingestd.url, `/ingest?name=bomb_${ingests}`, { headers, body: asBytes(pieces) });
}

async function* asBytes(pieces: Iterable<string>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

function* chained(head: string, rest: Iterable<string>): Generator<string> {
  yield head;
  yield* rest;
}

function* repeated(text: string, mebibytes: number): Generator<string> {
  const piece = text.repeat(MIB);
  for (let sent = 0; sent < mebibytes; sent++) yield piece;
}

function memoryOf({ pid }: ServiceProcess, figure: "VmRSS" | "VmHWM"): number {
  const [, kilobytes] = new RegExp(`${figure}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))!;
  return Number(kilobytes) * 1024;
}
