/** Writes the documents below from the code; with --check, fails where they are stale. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { errorTable } from "@lakehouse/contracts";
import { type ConfigKey, configSchema, variableFor } from "@lakehouse/server";
import { apiPage } from "./docs/api-page.ts";
import { baselineChart } from "./docs/baseline-chart.ts";
import { baselinePage } from "./docs/baseline-page.ts";
import { decisionsPage } from "./docs/decisions-page.ts";
import { sqlFunctionsPage } from "./docs/sql-functions-page.ts";

const documents = {
  "docs/api.md": apiPage(),
  "docs/baseline.md": baselinePage(),
  "docs/baseline.svg": baselineChart(),
  "docs/configuration.md": configurationPage(),
  "docs/decisions/README.md": decisionsPage(),
  "docs/errors.md": errorsPage(),
  "docs/sql-functions.md": sqlFunctionsPage(),
};

const stale = Object.entries(documents).filter(([path, text]) => read(path) !== text);
if (!process.argv.includes("--check")) {
  for (const [path, text] of stale) writeFileSync(fromRoot(path), text);
} else if (stale.length > 0) {
  process.stderr.write(`stale: ${stale.map(([path]) => path).join(", ")}; write them anew with \`just format\`\n`);
  process.exitCode = 1;
}

function errorsPage(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { status, meaning }]) => `| \`${code}\` | ${status} | ${meaning} |`,
  );
  return `# Errors

Generated from \`packages/contracts/src/errors.ts\` by \`just format\`.

Every answer that is not a success is JSON: \`{"error":"<a sentence>","code":"<a stable code>","request_id":"…"}\`, with
\`details\` where they help. The same \`request_id\` is in the \`x-request-id\` header and in the log lines of every service
that the request passed.

| code | status | meaning |
| --- | --- | --- |
${rows.join("\n")}
`;
}

function configurationPage(): string {
  const sections = Object.entries<Record<string, ConfigKey<unknown>>>(configSchema).map(
    ([section, keys]) => `## [${section}]

| key | default | environment | what it is |
| --- | --- | --- | --- |
${Object.entries(keys)
  .map(
    ([name, key]) =>
      `| \`${name}\` | ${shown(key)} | \`${variableFor(section, name)}\` | ${key.about} Expects ${key.expects}. |`,
  )
  .join("\n")}
`,
  );
  return `# Configuration

Generated from \`packages/server/src/config/config-schema.ts\` by \`just format\`.

Defaults, then the file (\`-config FILE\`, else \`LAKEHOUSE_CONFIG\`), then the environment. A key that nobody knows or a
value that is not valid stops a service before it listens. Sizes are bytes or \`"256 MiB"\`; durations \`"500ms"\`, \`"30s"\`,
\`"5m"\`. Lists in the environment are comma-separated, arrays of tables JSON.

${sections.join("\n")}`;
}

/** Sizes and durations as a person writes them. */
function shown({ default: value, expects }: ConfigKey<unknown>): string {
  if (typeof value !== "number") return `\`${JSON.stringify(value)}\``;
  if (expects.startsWith("bytes"))
    return `\`"${scaled(
      value,
      [
        ["GiB", 2 ** 30],
        ["MiB", 2 ** 20],
        ["KiB", 2 ** 10],
      ],
      "B",
    )}"\``;
  if (expects.startsWith("a duration"))
    return `\`"${scaled(
      value,
      [
        ["h", 3_600_000],
        ["m", 60_000],
        ["s", 1_000],
      ],
      "ms",
    ).replace(" ", "")}"\``;
  return `\`${value}\``;
}

function scaled(value: number, units: [string, number][], smallest: string): string {
  const [unit, factor] = units.find(([, size]) => value >= size && value % size === 0) ?? [smallest, 1];
  return `${value / factor} ${unit}`;
}

function read(path: string): string {
  return readFileSync(fromRoot(path), { encoding: "utf8", flag: "a+" });
}

function fromRoot(path: string): string {
  return resolve(import.meta.dirname, "../..", path);
}
