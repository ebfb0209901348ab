import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");
const pages = [
  "README.md",
  "CHANGELOG.md",
  ...globSync(["docs/**/*.md", "{packages,scripts}/*/README.md"], { cwd: root }),
];

it.each(pages)("every link of %s leads to a page, and to a heading of it", (page) => {
  for (const [, target] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(target!)) continue;
    const [path = "", heading] = target!.split("#");
    const file = path === "" ? page : join(dirname(page), path);
    expect(existsSync(join(root, file)), target).toBe(true);
    if (heading !== undefined) expect(headings(file), target).toContain(heading);
  }
});

/** As GitHub makes anchors of them. */
function headings(page: string): string[] {
  const lines = read(page).matchAll(/^#+ (.*)$/gm);
  return Array.from(lines, ([, text]) =>
    text!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function read(page: string): string {
  return readFileSync(join(root, page), "utf8");
}
