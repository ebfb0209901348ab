import { once } from "node:events";
import { parseArgs } from "node:util";
import { csvHeader, csvRow } from "./csv.ts";
import { Random } from "./random.ts";
import { makeWorker } from "./worker.ts";

const USAGE = "usage: scripts/make-workers-csv [ROWS | --rows N] [--seed S] > workers.csv";
const CHUNK_CHARACTERS = 1 << 20;

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader has seen enough (`| head`): nothing is wrong.
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

const { rows, seed } = readArguments();
await writeWorkers(rows, new Random(seed));

async function writeWorkers(rows: number, random: Random): Promise<void> {
  let chunk = csvHeader();
  for (let id = 1; id <= rows; id++) {
    chunk += csvRow(makeWorker(id, random));
    if (chunk.length < CHUNK_CHARACTERS) continue;
    await write(chunk);
    chunk = "";
  }
  await write(chunk);
}

async function write(chunk: string): Promise<void> {
  if (!process.stdout.write(chunk)) await once(process.stdout, "drain");
}

function readArguments(): { rows: number; seed: number } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { rows: { type: "string" }, seed: { type: "string", default: "1" } },
    });
    const rows = values.rows ?? positionals[0] ?? "50000";
    return { rows: wholeNumber("rows", rows), seed: wholeNumber("seed", values.seed) };
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^[0-9]{1,10}$/.test(text)) throw new Error(`${name} is a whole number, not ${JSON.stringify(text)}`);
  return Number(text);
}
