import { setTimeout as delay } from "node:timers/promises";
import { untilReady } from "../lakehouse.ts";
import { Random } from "../random.ts";
import { ApiClient, Violation } from "./api-client.ts";
import { DatasetsWorkload } from "./datasets-workload.ts";
import { type Fault, faults } from "./faults.ts";
import { orphans } from "./inspect.ts";
import { findLeaks } from "./leaks.ts";
import { ObjectsWorkload } from "./objects-workload.ts";
import { TracesWorkload } from "./traces-workload.ts";
import { startTraffic } from "./traffic.ts";
import { VectorsWorkload } from "./vectors-workload.ts";
import type { Tally, Workload, WorkloadContext } from "./workload.ts";
import { calm, type World } from "./world.ts";

/** How long the system may take to be all well again, by itself, once a fault is over. */
const RECOVERY_MS_MAX = 90_000;
const FAULT_PAUSE_MS_MAX = 1_500;

export interface TortureReport {
  rounds: number;
  faults: Record<string, number>;
  /** By workload. */
  tallies: Record<string, Tally>;
  /** What goes on; findings begin with it. */
  phase: string;
  findings: string[];
}

export interface TortureOptions {
  seed: number;
  /** For the faults; what comes before and after takes its own time. */
  durationMs: number;
  say: (line: string) => void;
}

/** Writes and reads while one thing after another goes wrong; then holds everything against the ledger, and looks for leaks. */
export async function torture(world: World, { seed, durationMs, say }: TortureOptions): Promise<TortureReport> {
  const random = new Random(seed);
  const { workloads, tallies } = makeWorkloads(world, random.fork());
  const report: TortureReport = { rounds: 0, faults: {}, tallies, phase: "start", findings: [] };
  const note = (error: unknown) => {
    const what = error instanceof Violation ? error.message : String((error as Error).stack);
    report.findings.push(`${report.phase}: ${what}`);
  };
  await untilReady(world.lakehouse);

  const traffic = startTraffic(workloads, note);
  await goWrong(world, random, { deadline: Date.now() + durationMs, report, say, note });
  await traffic.stop();
  calm(world);

  report.phase = "the end";
  say("all faults are over; everything is held against the ledger");
  await untilReady(world.lakehouse, RECOVERY_MS_MAX).catch(note);
  for (const workload of workloads) await workload.verify().catch(note);
  report.findings.push(...Object.values(world.lakehouse.daemons).flatMap(({ crashes }) => crashes));
  for (const path of orphans(world)) note(new Violation(`left behind: ${path}`));
  report.phase = "leaks";
  say("leaks are looked for");
  await findLeaks(world, workloads, random).then((leaks) => report.findings.push(...leaks), note);
  return report;
}

function makeWorkloads({ lakehouse }: World, random: Random) {
  const api = new ApiClient(lakehouse.url);
  const kinds = [ObjectsWorkload, DatasetsWorkload, VectorsWorkload, TracesWorkload];
  const tallies: Record<string, Tally> = {};
  const workloads = kinds.map((Kind): Workload => {
    const tally: Tally = { acknowledged: 0, unknown: 0, refused: 0, read: 0, verified: 0 };
    const context: WorkloadContext = { api, url: lakehouse.url, random: random.fork(), tally };
    const workload = new Kind(context);
    tallies[workload.name] = tally;
    return workload;
  });
  return { workloads, tallies };
}

interface Going {
  deadline: number;
  report: TortureReport;
  say: (line: string) => void;
  note: (error: unknown) => void;
}

/** One fault after the other, and after each of them all must be well again without anybody's help. */
async function goWrong(world: World, random: Random, { deadline, report, say, note }: Going): Promise<void> {
  const draws = drawn(
    faults.filter((fault) => fault.isPossible(world)),
    random,
  );
  for (const fault of draws) {
    if (Date.now() > deadline || report.findings.length > 0) return;
    report.rounds += 1;
    report.faults[fault.name] = (report.faults[fault.name] ?? 0) + 1;
    report.phase = `round ${report.rounds}, ${fault.name}`;
    const begun = Date.now();
    await fault.run(world, random.fork()).catch(note);
    calm(world);
    const over = Date.now();
    await untilReady(world.lakehouse, RECOVERY_MS_MAX).catch(note);
    say(`${report.rounds}: ${fault.name}, ${over - begun} ms; all well after ${Date.now() - over} ms`);
    await delay(random.integer(0, FAULT_PAUSE_MS_MAX));
  }
}

/** Without end, as from a bag that is filled again when it is empty: rare kinds come too, and the first of each kind soon. */
function* drawn(possible: Fault[], random: Random): Generator<Fault> {
  for (let again = 0; ; again++) {
    const bag = possible.flatMap((fault) => Array.from({ length: again === 0 ? 1 : fault.weight }, () => fault));
    while (bag.length > 0) yield bag.splice(random.integer(0, bag.length - 1), 1)[0]!;
  }
}
