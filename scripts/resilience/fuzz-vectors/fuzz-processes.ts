import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { temporaryFolder } from "@lakehouse/testing";
import type { FuzzReport, Outcome } from "./fuzz.ts";

const entry = join(import.meta.dirname, "fuzz-process.ts");
/** Files of one process: what leaks ends with it, and a crash costs no more than these. */
const FILES_A_PROCESS = 20_000;

export interface FuzzRun {
  files: number;
  outcomes: Record<Outcome, number>;
  findings: string[];
}

export interface FuzzRunOptions {
  seed: number;
  /** Number of the first. */
  from?: number;
  files: number;
  /** Side by side. */
  processes: number;
  onProgress?: (files: number, findings: number) => void;
}

/** Fuzzes in processes of their own, since what it looks for ends them. */
export async function fuzzInProcesses({
  seed,
  from: first = 0,
  files,
  processes,
  onProgress,
}: FuzzRunOptions): Promise<FuzzRun> {
  await using folder = await temporaryFolder();
  const run: FuzzRun = { files: 0, outcomes: { damaged: 0, rebuilt: 0, served: 0, dropped: 0 }, findings: [] };
  const end = first + files;
  const filesAProcess = Math.min(FILES_A_PROCESS, Math.ceil(files / processes));
  let next = first;
  const work = async (worker: number) => {
    while (next < end) {
      const from = next;
      next = Math.min(end, from + filesAProcess);
      const to = next;
      const { outcomes, findings } = await inProcess(seed, from, to, join(folder.path, String(worker)));
      for (const [outcome, count] of Object.entries(outcomes)) run.outcomes[outcome as Outcome] += count;
      run.findings.push(...findings);
      run.files += to - from;
      onProgress?.(run.files, run.findings.length);
    }
  };
  await Promise.all(Array.from({ length: processes }, (_, worker) => work(worker)));
  return run;
}

async function inProcess(seed: number, from: number, to: number, folder: string): Promise<FuzzReport> {
  await mkdir(folder, { recursive: true });
  const args = [entry, "--seed", `${seed}`, "--from", `${from}`, "--to", `${to}`, "--folder", folder];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? `exit ${code}`));
  });
  const [output, errors, how] = await Promise.all([text(child.stdout), buffer(child.stderr), ended]);
  if (how === "exit 0") return JSON.parse(output) as FuzzReport;
  const progress = join(folder, "progress");
  const file = existsSync(progress) ? readFileSync(progress, "utf8").trim() : "none yet";
  const finding = `${how} at file ${file} of seed ${seed}: ${errors.toString("utf8", 0, 4_000)}`;
  return { outcomes: { damaged: 0, rebuilt: 0, served: 0, dropped: 0 }, findings: [finding] };
}
