import { embedResultSchema, type SearchHit, searchResultSchema } from "@lakehouse/contracts";
import { exitCodes, usageError } from "../terminal/cli-error.ts";
import { renderTable } from "../terminal/table.ts";
import { argumentOrInput, assertNoMore, note, oneOf, print, tableStyle, wholeNumber } from "../terminal/terminal.ts";
import type { Command } from "./command.ts";

const HITS = 10;
/** As many digits of a distance as tell two hits apart. */
const DISTANCE_DIGITS = 4;

export const search: Command = {
  help: `lakehouse search INDEX "TEXT" [-k HITS] [--filter JSON] [--model MODEL] [--format table|json]

Embeds the text and finds what is nearest to it in a vector index. \`-\` reads the text from standard input.

  -k HITS           how many (10)
  --filter JSON     on the items' metadata: equal, any of, or a range
  --model MODEL     that embeds the text: the one that made the index's vectors; else the configured one

  lakehouse search resumes "a welder who reads blueprints" -k 5
  lakehouse search resumes "night shifts" --filter '{"state":["IL","OH"],"years":{"gte":3}}'`,
  options: {
    k: { type: "string", short: "k" },
    filter: { type: "string" },
    model: { type: "string" },
    format: { type: "string" },
  },

  async run({ options, positionals }, gateway) {
    assertNoMore(positionals, 2);
    const format = oneOf("format", options["format"], ["table", "json"]);
    const [index, sentence] = positionals;
    if (index === undefined) throw usageError("There is no index to search.");
    const wishes = { k: wholeNumber("-k", options["k"], HITS), ...parsedFilter(options["filter"]) };
    const texts = [await argumentOrInput(sentence, 'text to search for: lakehouse search INDEX "TEXT"')];
    const { model } = options;
    const toEmbed = JSON.stringify({ texts, ...(model !== undefined && { model }) });
    const { vectors } = await gateway.json({ method: "POST", path: "/v1/embed", body: toEmbed }, embedResultSchema);
    const path = `/v1/vectors/index/${encodeURIComponent(index)}/search`;
    const body = JSON.stringify({ vector: vectors[0], ...wishes });
    const { results } = await gateway.json({ method: "POST", path, body }, searchResultSchema);
    if (format === "json") await print(`${JSON.stringify(results)}\n`);
    else await printHits(results);
    return exitCodes.done;
  },
};

function parsedFilter(text: unknown): { filter?: unknown } {
  if (typeof text !== "string") return {};
  try {
    return { filter: JSON.parse(text) };
  } catch (error) {
    throw usageError(`--filter is not JSON: ${(error as Error).message}`);
  }
}

async function printHits(hits: SearchHit[]): Promise<void> {
  const columns = ["distance", "id", "metadata"].map((name) => ({ name, alignRight: name === "distance" }));
  const rows = hits.map(({ distance, id, metadata }) => [
    distance.toFixed(DISTANCE_DIGITS),
    id,
    JSON.stringify(metadata),
  ]);
  const { text, isCut } = renderTable(columns, rows, tableStyle());
  await print(text);
  if (isCut) note("Long values are cut: --format json gives them whole.");
}
