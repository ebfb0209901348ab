import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");

/** Which of our packages a room may import. Tests may use the testing package anywhere. */
const allowed: Record<string, string[]> = {
  "packages/contracts": [],
  "packages/core": ["contracts"],
  "packages/server": ["contracts", "core"],
  "packages/clients": ["contracts", "core"],
  "packages/testing": ["contracts", "core"],
};
const allowedInServices = ["contracts", "core", "server", "clients"];

const files = globSync("{packages,services}/*/{src,test}/**/*.ts", { cwd: root });

describe("imports flow contracts ← core ← server, clients ← services", () => {
  it("looks at every file", () => expect(files.length).toBeGreaterThan(50));

  it.each(files)("%s", (file) => {
    const [, room = ""] = /^([^/]+\/[^/]+)\//.exec(file) ?? [];
    const permitted = new Set(allowed[room] ?? allowedInServices);
    if (/\.test\.ts$|\/test\//.test(file)) permitted.add("testing").add("server");
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith("@lakehouse/")) expect(permitted).toContain(specifier.split("/")[1]);
      if (specifier.startsWith("."))
        expect(relative(join(root, room), join(root, file, "..", specifier))).not.toMatch(/^\.\./);
    }
  });
});

function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), "utf8");
  return [...source.matchAll(/(?:from|import)\s*\(?"([^"]+)"/g)].map(([, specifier]) => specifier!);
}
