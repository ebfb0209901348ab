import { timeOf } from "./measure/in-turn.ts";
import { polarsPackage } from "./peer-packages.ts";

/** `node ingest-polars.ts IN.csv OUT.parquet` prints how many milliseconds polars takes on all cores, types by its own inference. */
const [csv, parquet] = process.argv.slice(2) as [string, string];

const polars = polarsPackage();
const sink = polars.scanCSV(csv).sinkParquet(parquet, { maintainOrder: true, compression: "snappy" });
console.log(await timeOf(() => sink.collect()));
