import { setTimeout as delay } from "node:timers/promises";
import type { Workload } from "./workload.ts";

/** Between two acts of a writer or reader, at most. */
const PAUSE_MS_MAX = 40;

export interface Traffic {
  stop(): Promise<void>;
}

/** Writers and readers, until they are told to stop. */
export function startTraffic(workloads: Workload[], note: (error: unknown) => void): Traffic {
  let isOver = false;
  const repeat = async (act: () => Promise<void>) => {
    while (!isOver) {
      await act().catch(note);
      await delay(Math.random() * PAUSE_MS_MAX);
    }
  };
  const loops = workloads.flatMap((workload) => [
    ...Array.from({ length: workload.writers }, () => repeat(() => workload.write())),
    repeat(() => workload.read()),
  ]);
  return {
    stop: async () => {
      isOver = true;
      await Promise.all(loops);
    },
  };
}
