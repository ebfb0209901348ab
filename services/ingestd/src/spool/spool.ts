import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { spoolError } from "./spool-error.ts";
import { SpoolWriter } from "./spool-writer.ts";

const OUR_FILES = /^[0-9a-f-]{36}\.[0-9a-f-]{36}\.(csv|parquet)$/;

/** The two files of one ingest; gone when it is disposed of. */
export interface SpoolFiles extends AsyncDisposable {
  /** The upload as it came. */
  csvPath: string;
  csv: SpoolWriter;
  /** Made from it. */
  parquetPath: string;
  /** Removes the upload ahead of the rest, so that the disk need not write what nobody will read. */
  dropCsv(): Promise<void>;
}

/** A folder for what is on its way. Nothing in it outlives its ingest; what a crash left is swept at the next start. */
export class Spool {
  readonly #folder: string;
  /** In the name of each file, so that a sweep tells those of this process from those that a crash left. */
  readonly #process = randomUUID();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Creates the folder where needed, and the files. @throws LakehouseError `spool_full` */
  async open(): Promise<SpoolFiles> {
    const base = join(this.#folder, `${this.#process}.${randomUUID()}`);
    const [csvPath, parquetPath] = [`${base}.csv`, `${base}.parquet`];
    const csv = new SpoolWriter(await this.#create(csvPath));
    const dropCsv = async () => {
      await csv.close();
      await rm(csvPath, { force: true });
    };
    return {
      csvPath,
      csv,
      parquetPath,
      dropCsv,
      async [Symbol.asyncDispose]() {
        await Promise.all([dropCsv(), rm(parquetPath, { force: true })]);
      },
    };
  }

  async #create(path: string): Promise<FileHandle> {
    try {
      await mkdir(this.#folder, { recursive: true });
      return await open(path, "wx", 0o600);
    } catch (error) {
      throw spoolError(error);
    }
  }

  /** Removes what other processes left behind. The caller owns the service's port, so none of them is alive. @returns how many files */
  async sweep(): Promise<number> {
    await mkdir(this.#folder, { recursive: true });
    const names = await readdir(this.#folder);
    const left = names.filter((name) => OUR_FILES.test(name) && !name.startsWith(this.#process));
    await Promise.all(left.map((name) => rm(join(this.#folder, name), { force: true, recursive: true })));
    return left.length;
  }
}
