import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ServiceName, serviceNames } from "@lakehouse/contracts";
import type { Lakehouse } from "../lakehouse.ts";
import type { World } from "./world.ts";

interface Footprint {
  files: number;
  threads: number;
  residentBytes: number;
}

export type Footprints = Record<ServiceName, Footprint>;

/** What each process holds now. */
export function footprintsOf({ daemons }: Lakehouse): Footprints {
  return Object.fromEntries(serviceNames.map((name) => [name, footprintOf(daemons[name].pid)])) as Footprints;
}

function footprintOf(pid: number): Footprint {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const figure = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]);
  return {
    files: readdirSync(`/proc/${pid}/fd`).length,
    threads: figure("Threads"),
    residentBytes: figure("VmRSS") * 1024,
  };
}

/** Files that are left behind where only work in progress lies. On S3 the notes of uploads stand for an hour after their end. */
export function orphans({ lakehouse: { folder }, store }: World): string[] {
  const uploads = store === "fs" ? ["objects/.uploads/*/*"] : [];
  const places = [...uploads, "spool/*", "query-temp/**/*", "pathway/*.tmp", "query-cache/**/*.part"];
  return places.flatMap((pattern) => globSync(pattern, { cwd: folder }).filter((path) => isFile(join(folder, path))));
}

function isFile(path: string): boolean {
  try {
    return readFileSync(path) !== undefined;
  } catch {
    return false; // a folder, or gone by now
  }
}
