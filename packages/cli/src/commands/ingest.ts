import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { type IngestResult, ingestResultSchema, namePattern } from "@lakehouse/contracts";
import type { Gateway } from "../gateway/gateway.ts";
import { CliError, exitCodes, usageError } from "../terminal/cli-error.ts";
import { asBytes, asCount, asTime } from "../terminal/figures.ts";
import { openProgress, type Progress } from "../terminal/progress.ts";
import { oneOf, print, standardInput } from "../terminal/terminal.ts";
import type { Command, OptionValues } from "./command.ts";

const READ_BYTES = 2 ** 20;

export const ingest: Command = {
  help: `lakehouse ingest FILE… [--name NAME] [--append] [--delimiter C] [--types COLUMN:TYPE,…] [--format text|json]

Makes a CSV a dataset, streaming it: files of any size. \`-\` is standard input, and wants a --name.

  --name NAME       of the dataset; else each file's own name without .csv. Several files with one name become one
                    dataset together: the first replaces what was there, the others are appended.
  --append          adds to what is there instead of replacing it
  --delimiter C     what stands between two fields: , ; | or tab
  --types LIST      types to read columns as, such as zip:VARCHAR,paid:DOUBLE
  --format json     prints the service's answers, a line each

  lakehouse ingest workers.csv
  lakehouse ingest 2024/*.csv --name sales
  zcat big.csv.gz | lakehouse ingest - --name big`,
  options: {
    name: { type: "string" },
    append: { type: "boolean" },
    delimiter: { type: "string" },
    types: { type: "string" },
    format: { type: "string" },
  },

  async run({ options, positionals: files }, gateway) {
    if (files.length === 0) throw usageError("There is no file to ingest.");
    const format = oneOf("format", options["format"], ["text", "json"]);
    const uploads = files.map((file, index) => ({ file, query: queryOf(file, index, options) }));
    for (const { file, query } of uploads) {
      const result = await upload(file, query, gateway);
      await print(format === "json" ? `${JSON.stringify(result)}\n` : `${asSentence(file, result)}\n`);
    }
    return exitCodes.done;
  },
};

function queryOf(file: string, index: number, options: OptionValues): URLSearchParams {
  const given = options["name"] as string | undefined;
  const name = given ?? nameOf(file);
  const append = options["append"] === true || (given !== undefined && index > 0);
  const { delimiter, types } = options as { delimiter?: string; types?: string };
  return new URLSearchParams({
    name,
    ...(append && { mode: "append" }),
    ...(delimiter !== undefined && { delimiter: /^(tab|\\t)$/i.test(delimiter) ? "\t" : delimiter }),
    ...(types !== undefined && { types }),
  });
}

function nameOf(file: string): string {
  if (file === "-") throw usageError("Standard input has no name; give the dataset one with --name.");
  const name = basename(file).replace(/\.csv$/i, "");
  if (namePattern.test(name)) return name;
  throw usageError(`${JSON.stringify(name)} can't be the name of a dataset (A-Z a-z 0-9 _ . -); give one with --name.`);
}

async function upload(file: string, query: URLSearchParams, gateway: Gateway): Promise<IngestResult> {
  await using source = await openSource(file);
  const progress = openProgress(file === "-" ? "standard input" : basename(file), source.bytes, process.stderr);
  try {
    return await gateway.json(
      {
        method: "POST",
        path: `/v1/ingest?${query}`,
        headers: {
          "content-type": "text/csv",
          ...(source.bytes === undefined ? {} : { "content-length": String(source.bytes) }),
        },
        body: counted(source, progress),
      },
      ingestResultSchema,
    );
  } finally {
    progress.end();
  }
}

interface Source extends AsyncDisposable {
  name: string;
  /** undefined where only reading it would tell. */
  bytes: number | undefined;
  body: AsyncIterable<Buffer>;
}

async function openSource(name: string): Promise<Source> {
  if (name === "-") return openInput(name);
  const file = await openFile(name);
  const stats = await file.stat();
  if (stats.isDirectory()) {
    await file.close();
    throw usageError(`${name} is a folder.`);
  }
  const bytes = stats.isFile() ? stats.size : undefined;
  // Exactly what is declared, though the file grow meanwhile.
  const end = bytes === undefined ? {} : { end: Math.max(bytes - 1, 0) };
  const body = bytes === 0 ? [] : file.createReadStream({ highWaterMark: READ_BYTES, autoClose: false, ...end });
  return { name, bytes, body: body as AsyncIterable<Buffer>, [Symbol.asyncDispose]: () => file.close() };
}

/** Closed at the end even if there would be more: an upload that was refused has no use for it. */
function openInput(name: string): Source {
  const body = standardInput();
  return { name, bytes: undefined, body, [Symbol.asyncDispose]: async () => void body.destroy() };
}

async function openFile(name: string): Promise<FileHandle> {
  try {
    return await open(name);
  } catch (error) {
    throw usageError(`${name} can't be read: ${(error as Error).message}`);
  }
}

async function* counted({ name, body }: Source, progress: Progress): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) {
      yield chunk;
      progress.add(chunk.length);
    }
  } catch (error) {
    throw new CliError(exitCodes.usage, `${name} can't be read: ${(error as Error).message}`);
  }
}

function asSentence(file: string, { manifest, row_count, columns, object, elapsed_ms }: IngestResult): string {
  const from = file === "-" ? "standard input" : file;
  const total = manifest.row_count === row_count ? "" : ` (${asCount(manifest.row_count, "row")} in all)`;
  const figures = [
    asCount(row_count, "row"),
    asCount(columns.length, "column"),
    asBytes(object.size),
    asTime(elapsed_ms),
  ];
  return `${from} → ${manifest.name}: ${figures.join(", ")}${total}`;
}
