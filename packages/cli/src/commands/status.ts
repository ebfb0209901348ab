import { statusSchema } from "@lakehouse/contracts";
import { exitCodes } from "../terminal/cli-error.ts";
import { asTime } from "../terminal/figures.ts";
import { renderTable } from "../terminal/table.ts";
import { assertNoMore, oneOf, print, tableStyle } from "../terminal/terminal.ts";
import type { Command } from "./command.ts";

export const status: Command = {
  help: `lakehouse status [--format table|json]

Asks every service for its health. Exit code 0 where all are well, 4 where one is not.`,
  options: { format: { type: "string" } },

  async run({ options, positionals }, gateway) {
    assertNoMore(positionals, 0);
    const format = oneOf("format", options["format"], ["table", "json"]);
    const found = await gateway.json({ method: "GET", path: "/v1/status" }, statusSchema);
    await print(format === "json" ? `${JSON.stringify(found)}\n` : asTable(found.services));
    return found.status === "ok" ? exitCodes.done : exitCodes.failed;
  },
};

function asTable(services: ReturnType<typeof statusSchema.parse>["services"]): string {
  const columns = ["service", "status", "latency", "where"].map((name) => ({ name, alignRight: name === "latency" }));
  const rows = Object.entries(services).map(([name, { status: health, latency_ms, url, error }]) => [
    name,
    error === undefined ? health : `${health}: ${error}`,
    latency_ms === undefined ? "" : asTime(latency_ms),
    url ?? "",
  ]);
  return renderTable(columns, rows, tableStyle()).text;
}
