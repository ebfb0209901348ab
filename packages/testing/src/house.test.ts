import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
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
    const [, room = ""] = /^(scripts|[^/]+\/[^/]+)\//.exec(file) ?? [];
    const isTest = /\.test\.ts$|\/test\//.test(file);
    const permitted = [...(allowed[room] ?? allowedInServices), ...(isTest ? ["testing", "server"] : [])];
    for (const specifier of importsOf(file)) {
      const [, name, internals] = /^@lakehouse\/(\w+)(\/internals\b)?/.exec(specifier) ?? [];
      if (name && room !== "scripts") expect(permitted).toContain(name);
      if (internals) expect(isTest || room === "scripts", specifier).toBe(true);
      // Scripts are not a package, so nobody can import them either.
      if (specifier.startsWith("."))
        expect(relative(join(root, room), join(root, file, "..", specifier))).not.toMatch(/^\.\./);
    }
  });
});

function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), "utf8");
  return [...source.matchAll(/(?:from|import)\s*\(?"([^"]+)"/g)].map(([, specifier]) => specifier!);
}
