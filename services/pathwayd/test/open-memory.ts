import { testPlatform } from "@lakehouse/server";
import { AppendLog } from "../src/log/append-log.ts";
import { RejectedLines } from "../src/log/rejected-lines.ts";
import { TraceMemory } from "../src/trace-memory.ts";

export interface OpenMemory extends AsyncDisposable {
  memory: TraceMemory;
  log: AppendLog;
  rejected: RejectedLines;
  compactions: ("ok" | "failed")[];
}

/** A memory over the log at this path, read to its end. */
export async function openMemory(
  path: string,
  garbage: { garbageBytesMin?: number; garbageRatioMin?: number } = {},
): Promise<OpenMemory> {
  const { logger } = testPlatform("pathwayd");
  const log = await AppendLog.open(path);
  const rejected = await RejectedLines.open(`${path}.rejected`);
  const compactions: ("ok" | "failed")[] = [];
  const onCompaction = (outcome: "ok" | "failed") => void compactions.push(outcome);
  const memory = new TraceMemory({ log, rejected, logger, onCompaction, ...garbage });
  await memory.load(new AbortController().signal);
  return {
    memory,
    log,
    rejected,
    compactions,
    async [Symbol.asyncDispose]() {
      await memory.close();
      await log.close();
    },
  };
}
