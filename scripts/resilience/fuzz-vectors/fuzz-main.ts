import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { fuzzInProcesses } from "./fuzz-processes.ts";

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "20000" },
    from: { type: "string", default: "0" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    processes: { type: "string", default: String(availableParallelism()) },
    plain: { type: "boolean", default: false },
  },
});
const [seed, from, files] = [Number(values.seed), Number(values.from), Number(values.files)];
const say = (line: string) => process.stdout.write(`${line}\n`);
const sanitizers = values.plain ? "without sanitizers" : "with AddressSanitizer and UndefinedBehaviorSanitizer";
say(
  `fuzz-vectors: ${files} files of seed ${seed}, ${sanitizers} (again: --seed ${seed} --from ${from} --files ${files})`,
);
const { outcomes, findings } = await fuzzInProcesses({
  seed,
  from,
  files,
  processes: Number(values.processes),
  onProgress: (done, findings) => {
    say(`${String(done).padStart(9)} files after ${Math.round(performance.now() / 1000)} s, ${findings} findings`);
  },
});
for (const [outcome, count] of Object.entries(outcomes)) say(`${String(count).padStart(9)} ${outcome}`);
say(`${String(findings.length).padStart(9)} findings`);
for (const finding of findings) say(`\n${finding}`);
process.exitCode = findings.length === 0 ? 0 : 1;
