import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(join(import.meta.dirname, "../../..", path), "utf8");

it("docs/development.md tells of every recipe of the justfile, and of no other", () => {
  const recipes = Array.from(read("justfile").matchAll(/^([a-z][a-z-]*)(?: [^:\n]*)?:(?!=)/gm), ([, name]) => name);
  const told = Array.from(read("docs/development.md").matchAll(/^\| `just ([a-z-]+)/gm), ([, name]) => name);
  expect(told).toEqual(recipes);
});
