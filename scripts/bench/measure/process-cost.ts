import { readFileSync, writeFileSync } from "node:fs";
import { type Cost, median } from "./figure.ts";

/** By the name under which it is reported. */
export type Processes = Record<string, { pid: number }>;

/** What some processes take for a piece of work that is done several times. */
export class CostMeter {
  readonly #processes: Processes;
  readonly #peaksMiB: Record<string, number[]>;
  readonly #cpuSeconds: Record<string, number[]>;

  constructor(processes: Processes) {
    this.#processes = processes;
    this.#peaksMiB = Object.fromEntries(Object.keys(processes).map((name) => [name, []]));
    this.#cpuSeconds = Object.fromEntries(Object.keys(processes).map((name) => [name, []]));
  }

  /** Does the work once. */
  async measure<T>(work: () => Promise<T>): Promise<T> {
    const processes = Object.entries(this.#processes);
    for (const [, process] of processes) resetPeakMemory(process);
    const before = processes.map(([, process]) => cpuSeconds(process));
    const value = await work();
    for (const [i, [name, process]] of processes.entries()) {
      this.#peaksMiB[name]!.push(peakMemoryMiB(process));
      this.#cpuSeconds[name]!.push(cpuSeconds(process) - before[i]!);
    }
    return value;
  }

  /** A peak each time. */
  peaksMiB(name: string): number[] {
    return this.#peaksMiB[name]!;
  }

  /** The highest peak of all, and the CPU seconds of one time in the middle. */
  costs(): Cost[] {
    return Object.keys(this.#processes).map((name) => ({
      process: name,
      peakMiB: Math.max(...this.#peaksMiB[name]!),
      cpuSeconds: median(this.#cpuSeconds[name]!),
    }));
  }
}

/** User and system: what a process costs whatever else runs beside it. Linux counts in hundredths. */
export function cpuSeconds({ pid }: { pid: number }): number {
  // The name of the program, in brackets, may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Forgets how much memory the process ever had, so that the next peak is of what comes next. */
function resetPeakMemory({ pid }: { pid: number }): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** Resident. */
export function peakMemoryMiB({ pid }: { pid: number }): number {
  return mebibytes(`/proc/${pid}/status`, "VmHWM");
}

/** Resident, now. */
export function memoryMiB({ pid }: { pid: number }): number {
  return mebibytes(`/proc/${pid}/status`, "VmRSS");
}

/** What several processes share is dealt out to them. */
export function sharedOutMemoryMiB({ pid }: { pid: number }): number {
  return mebibytes(`/proc/${pid}/smaps_rollup`, "Pss");
}

function mebibytes(file: string, key: string): number {
  const found = new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(readFileSync(file, "utf8"));
  return Number(found![1]) / 1_024;
}
