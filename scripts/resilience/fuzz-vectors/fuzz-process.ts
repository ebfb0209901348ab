import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
    /** For what it writes: `progress` holds the number of the file that is being read, which a process that crashed can't say. */
    folder: { type: "string" },
  },
});
const folder = values.folder!;
const progress = openSync(join(folder, "progress"), "w");
const report = await fuzz({
  seed: Number(values.seed),
  from: Number(values.from),
  to: Number(values.to),
  folder,
  onFile: (number) => writeSync(progress, String(number).padEnd(16), 0),
});
process.stdout.write(JSON.stringify(report));
