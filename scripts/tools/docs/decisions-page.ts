import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../../../docs/decisions");

/** docs/decisions/README.md: every decision by its title. */
export function decisionsPage(): string {
  const files = globSync("0*.md", { cwd: folder }).sort((a, b) => (a < b ? -1 : 1));
  const rows = files.map((file) => {
    const [, number, title] = /^# (\d+)\. (.*)$/m.exec(readFileSync(join(folder, file), "utf8"))!;
    return `| [${number}](${file}) | ${title} |`;
  });
  return `# Decisions

Generated from the pages' titles by \`just format\`.

Why it is as it is, a page each: the context, what was decided and against what, measured where it could be, and what follows from it.

| | decision |
| --- | --- |
${rows.join("\n")}
`;
}
