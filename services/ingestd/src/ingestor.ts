import type { ColumnType, IngestResult, RegisterMode } from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";
import { Conversion } from "./convert/conversion.ts";
import type { ConversionThreads } from "./convert/conversion-threads.ts";
import type { Publisher } from "./publisher.ts";
import type { Spool, SpoolFiles } from "./spool/spool.ts";

export interface Ingest {
  name: string;
  mode: RegisterMode;
  delimiter: string;
  /** By column name. */
  types: Record<string, ColumnType>;
  /** The CSV as it comes. */
  csv: AsyncIterable<Uint8Array>;
}

/** Turns an upload into a dataset. Everything before the last step, the register, leaves the dataset as it was. */
export class Ingestor {
  readonly #spool: Spool;
  readonly #threads: ConversionThreads;
  readonly #publisher: Publisher;

  constructor(spool: Spool, threads: ConversionThreads, publisher: Publisher) {
    this.#spool = spool;
    this.#threads = threads;
    this.#publisher = publisher;
  }

  /** @throws LakehouseError */
  async ingest({ name, mode, delimiter, types, csv }: Ingest, context: RequestContext): Promise<IngestResult> {
    const started = performance.now();
    const registered = await this.#publisher.registered(name, context);
    await using files = await this.#spool.open();
    const { csvPath, parquetPath } = files;
    const wishes = { overrides: types, registered: registered?.columns };
    const task = { csvPath, parquetPath, delimiter: delimiter.charCodeAt(0), wishes };
    await using conversion = new Conversion(this.#threads, task);
    // The file is converted while it still arrives. Whichever of the three fails first ends the ingest.
    const [sha256, contents] = await Promise.race([
      Promise.all([receive(csv, files, conversion), conversion.contents]),
      aborted(context.signal),
    ]);
    await files.dropCsv();
    const { manifest, object } = await this.#publisher.publish({ name, mode, contents, sha256, parquetPath }, context);
    return {
      manifest,
      row_count: contents.rowCount,
      columns: contents.columns,
      object: { key: object.key, size: object.size },
      elapsed_ms: Math.round(performance.now() - started),
    };
  }
}

/** @returns the SHA-256 of the upload in hexadecimal */
async function receive(csv: AsyncIterable<Uint8Array>, files: SpoolFiles, conversion: Conversion): Promise<string> {
  files.csv.onWritten = (bytes) => conversion.progress.advance(bytes);
  for await (const piece of csv) await files.csv.append(piece);
  const { sha256, size } = await files.csv.finish();
  conversion.progress.finish(size);
  return sha256;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
