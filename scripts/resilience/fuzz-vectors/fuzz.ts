import { DamagedError } from "@lakehouse/vectord/internals";
import { openFrame } from "@lakehouse/vectord/internals/forgery/frame";
import { Random } from "../random.ts";
import { type HonestIndex, honestIndexes, NAME } from "./honest-indexes.ts";
import { assertRight } from "./judge.ts";
import { type Mutant, mutateFile, mutateRecord } from "./mutate-frame.ts";
import { loadObjects, type StoredObjects } from "./stored-objects.ts";

export type Outcome = "damaged" | "rebuilt" | "served" | "dropped";

export interface FuzzReport {
  outcomes: Record<Outcome, number>;
  /** Files that are neither damaged nor served right. */
  findings: string[];
}

export interface FuzzOptions {
  seed: number;
  /** Numbers of files, the first and the one after the last: each is drawn by the seed and its number alone. */
  from: number;
  to: number;
  /** For the parts of honest files. */
  folder: string;
  /** Told before each. */
  onFile: (number: number) => void;
}

const FINDINGS_MAX = 20;

/** The files are of some kilobytes. */
const MEMORY_KIB_MAX = 1.5 * 2 ** 20;
const MEMORY_LOOK_FILES = 16;

/** Writes checksums that are right over mutated content, loads it as vectord does, and looks at what is served. */
export async function fuzz({ seed, from, to, folder, onFile }: FuzzOptions): Promise<FuzzReport> {
  const indexes = await honestIndexes(new Random(seed), folder);
  const report: FuzzReport = { outcomes: { damaged: 0, rebuilt: 0, served: 0, dropped: 0 }, findings: [] };
  for (let number = from; number < to && report.findings.length < FINDINGS_MAX; number++) {
    onFile(number);
    const random = new Random(seed + number * 2 ** 32);
    const index = random.pick(indexes);
    const { objects, how } = mutated(index, random);
    try {
      report.outcomes[await outcomeOf(objects, index, random)] += 1;
      if (number % MEMORY_LOOK_FILES === 0) assertMemory();
    } catch (error) {
      const { distance, dimension } = index.parameters;
      report.findings.push(`file ${number} (${distance}, ${dimension}): ${how.join(", ")}: ${(error as Error).stack}`);
    }
  }
  return report;
}

/** @throws Error where this file, or one shortly before it, made the process far larger than the files are */
function assertMemory(): void {
  if (process.resourceUsage().maxRSS > MEMORY_KIB_MAX) throw new Error("It took gigabytes of memory.");
}

async function outcomeOf(objects: StoredObjects, { threads }: HonestIndex, random: Random): Promise<Outcome> {
  const loaded = await load(objects, threads);
  if (loaded === "damaged" || loaded === undefined) return loaded ?? "dropped";
  try {
    await assertRight(loaded, random, objects.records.size === 0 ? objects.file : undefined);
    return loaded.graphFault === undefined ? "served" : "rebuilt";
  } finally {
    await loaded.shards.close();
  }
}

async function load(objects: StoredObjects, threads: HonestIndex["threads"]) {
  try {
    return await loadObjects(NAME, objects, threads);
  } catch (error) {
    if (error instanceof DamagedError) return "damaged";
    throw error;
  }
}

/** Its file, with a log behind it or without one; or a record of its log, with a file before it or without one. */
function mutated({ file, records }: HonestIndex, random: Random): { objects: StoredObjects; how: string[] } {
  if (random.chance(0.75)) {
    const { bytes, how } = mutateFile(openFrame(file!), random);
    return { objects: { file: bytes, records: random.chance(0.3) ? withoutCreate(records) : new Map() }, how };
  }
  const hasFile = random.chance(0.5);
  const log = new Map(hasFile ? withoutCreate(records) : records);
  const sequence = random.pick([...log.keys()]);
  const { bytes, how }: Mutant = mutateRecord(openFrame(log.get(sequence)!), random);
  log.set(sequence, bytes);
  return { objects: { file: hasFile ? file : undefined, records: log }, how };
}

/** The first one begins the index, and its sequence is the file's. */
function withoutCreate(records: StoredObjects["records"]): Map<number, Buffer> {
  return new Map([...records].slice(1));
}
