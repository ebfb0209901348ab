import { cpSync } from "node:fs";
import { parseArgs } from "node:util";
import { type TortureReport, torture } from "./torture.ts";
import { openWorld, type Store } from "./world.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "3" },
    seed: { type: "string", default: String(Date.now() % 2 ** 32) },
    store: { type: "string", default: "fs" },
    keep: { type: "string" },
  },
});
const seed = Number(values.seed);
const say = (line: string) => process.stdout.write(`${line}\n`);

process.on("SIGINT", () => process.exit(130)).on("SIGTERM", () => process.exit(143));
const opened = new AsyncDisposableStack();
let report: TortureReport;
try {
  say(
    `torture: seed ${seed}, ${values.minutes} minutes of faults on ${values.store} (again: --seed ${seed} --store ${values.store})`,
  );
  const world = await openWorld(values.store as Store, opened);
  if (world.disk === undefined) say("!!! NOT TESTED: a full disk; only root may mount one");
  report = await torture(world, { seed, durationMs: Number(values.minutes) * 60_000, say });
  if (values.keep !== undefined) cpSync(world.lakehouse.folder, values.keep, { recursive: true });
} finally {
  await opened.disposeAsync();
}
tell(report);
process.exitCode = report.findings.length === 0 ? 0 : 1;

function tell({ rounds, faults, tallies, findings }: TortureReport): void {
  say(`\nrounds      ${rounds}`);
  for (const [name, count] of Object.entries(faults).sort()) say(`  ${String(count).padStart(4)}  ${name}`);
  say("             acknowledged  unknown  refused  read and right  verified at the end");
  for (const [name, { acknowledged, unknown, refused, read, verified }] of Object.entries(tallies)) {
    const figures = [acknowledged, unknown, refused, read, verified];
    say(
      `  ${name.padEnd(10)} ${figures.map((figure, at) => String(figure).padStart([12, 8, 8, 15, 20][at]!)).join(" ")}`,
    );
  }
  say(`findings    ${findings.length}`);
  for (const finding of findings) say(`  ${finding}`);
}
