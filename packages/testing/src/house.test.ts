import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");

/** Which of our packages a room may import. Tests may use the testing package anywhere; scripts may import all. */
const allowed: Record<string, string[]> = {
  "packages/contracts": [],
  "packages/core": ["contracts"],
  "packages/text": [],
  "packages/server": ["contracts", "core"],
  "packages/clients": ["contracts", "core"],
  "packages/testing": ["contracts", "core"],
  "packages/cli": ["contracts"],
};
const allowedInServices = ["contracts", "core", "text", "server", "clients"];

const files = globSync(["{packages,services}/*/{src,test}/**/*.ts", "scripts/**/*.ts"], { cwd: root });

describe("imports flow contracts ← core ← server, clients ← services ← scripts, and contracts ← cli", () => {
  it("looks at every file", () => expect(files.length).toBeGreaterThan(50));

  it.each(files)("%s", (file) => {
    const room = roomOf(file);
    const permitted = [...(allowed[room] ?? allowedInServices), ...(isTest(file) ? ["testing", "server"] : [])];
    for (const specifier of importsOf(file)) {
      const [, name, internals] = /^@lakehouse\/(\w+)(\/internals\b)?/.exec(specifier) ?? [];
      if (name && room !== "scripts") expect(permitted).toContain(name);
      if (internals) expect(isTest(file) || room === "scripts", specifier).toBe(true);
      // Scripts are not a package, so nobody can import them either.
      if (specifier.startsWith("."))
        expect(relative(join(root, room), join(root, file, "..", specifier))).not.toMatch(/^\.\./);
    }
  });
});

describe("folders lean one way", () => {
  it.each(Object.entries(roomsOf(files)))("%s", (_room, sources) => {
    expect(cycleIn(foldersOf(sources ?? []))).toBeUndefined();
  });
});

function roomsOf(paths: string[]): Partial<Record<string, string[]>> {
  const sources = paths.filter((path) => !isTest(path));
  return Object.groupBy(sources, (path) => roomOf(path));
}

/** Each folder with those that its files import from; a service's `src` is one of them. */
function foldersOf(sources: string[]): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  for (const file of sources) {
    const folder = dirname(file);
    const targets = importsOf(file).filter((specifier) => specifier.startsWith("."));
    for (const target of targets.map((specifier) => dirname(join(folder, specifier)))) {
      if (target !== folder) folders.set(folder, (folders.get(folder) ?? new Set()).add(target));
    }
  }
  return folders;
}

/** @returns `a → b → a`; undefined where there is no cycle */
function cycleIn(folders: Map<string, Set<string>>): string | undefined {
  const done = new Set<string>();
  const visit = (folder: string, path: string[]): string | undefined => {
    if (path.includes(folder)) return [...path.slice(path.indexOf(folder)), folder].join(" → ");
    if (done.has(folder)) return undefined;
    for (const target of folders.get(folder) ?? []) {
      const cycle = visit(target, [...path, folder]);
      if (cycle) return cycle;
    }
    done.add(folder);
    return undefined;
  };
  for (const folder of folders.keys()) {
    const cycle = visit(folder, []);
    if (cycle) return cycle;
  }
  return undefined;
}

function roomOf(path: string): string {
  return /^(scripts|[^/]+\/[^/]+)\//.exec(path)?.[1] ?? "";
}

function isTest(path: string): boolean {
  return /\.test\.ts$|\/test\//.test(path);
}

function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), "utf8");
  return [...source.matchAll(/(?:from|import)\s*\(?"([^"]+)"/g)].map(([, specifier]) => specifier!);
}
