import { type Manifest, manifestListSchema, manifestSchema } from "@lakehouse/contracts";
import type { Gateway } from "../gateway/gateway.ts";
import { exitCodes } from "../terminal/cli-error.ts";
import { asBytes } from "../terminal/figures.ts";
import { type Cell, renderTable } from "../terminal/table.ts";
import { assertNoMore, oneOf, print, tableStyle } from "../terminal/terminal.ts";
import type { Command } from "./command.ts";

export const datasets: Command = {
  help: `lakehouse datasets [NAME] [--format table|json]

Lists all datasets, or the columns of one.`,
  options: { format: { type: "string" } },

  async run({ options, positionals }, gateway) {
    assertNoMore(positionals, 1);
    const format = oneOf("format", options["format"], ["table", "json"]);
    const [name] = positionals;
    const { found, text } = name === undefined ? await askForAll(gateway) : await askFor(name, gateway);
    await print(format === "json" ? `${JSON.stringify(found)}\n` : text);
    return exitCodes.done;
  },
};

async function askForAll(gateway: Gateway) {
  const found = await gateway.json({ method: "GET", path: "/v1/catalog/list" }, manifestListSchema);
  return { found, text: listed(found.manifests) };
}

async function askFor(name: string, gateway: Gateway) {
  const path = `/v1/catalog/manifest/${encodeURIComponent(name)}`;
  const found = await gateway.json({ method: "GET", path }, manifestSchema);
  return { found, text: described(found) };
}

function listed(manifests: Manifest[]): string {
  const rows = manifests.map(({ name, row_count, columns, objects, updated_at }) => [
    name,
    row_count.toLocaleString("en-US"),
    String(columns.length),
    String(objects.length),
    asBytes(objects.reduce((sum, { size }) => sum + size, 0)),
    updated_at,
  ]);
  return table(["name", "rows", "columns", "objects", "size", "updated"], rows, ["rows", "columns", "objects", "size"]);
}

function described({ columns }: Manifest): string {
  return table(
    ["column", "type"],
    columns.map(({ name, type }) => [name, type]),
  );
}

function table(names: string[], rows: Cell[][], numeric: string[] = []): string {
  const columns = names.map((name) => ({ name, alignRight: numeric.includes(name) }));
  return renderTable(columns, rows, tableStyle()).text;
}
