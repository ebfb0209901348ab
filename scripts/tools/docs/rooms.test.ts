import { readdirSync, readFileSync } from "node:fs";
import { join, matchesGlob } from "node:path";
import { expect, it } from "vitest";

const scripts = join(import.meta.dirname, "../..");
const rooms = ["bench", "resilience", "systemd", "tools"];

it("scripts has four rooms below its entry points", () => {
  const entries = readdirSync(scripts, { withFileTypes: true });
  expect(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)).toEqual(rooms);
});

it.each(rooms)("the README of scripts/%s lists each of its files and folders, and no other", (room) => {
  const files = readdirSync(join(scripts, room)).filter((name) => name !== "README.md");
  const rows = readFileSync(join(scripts, room, "README.md"), "utf8").matchAll(/^\| (`.*?) \|/gm);
  const listed = Array.from(rows).flatMap(([, names]) => names!.split(", ").map((name) => name.slice(1, -1)));
  expect(files.filter((file) => !listed.some((name) => matchesGlob(file, name)))).toEqual([]);
  expect(listed.filter((name) => !files.some((file) => matchesGlob(file, name)))).toEqual([]);
});
