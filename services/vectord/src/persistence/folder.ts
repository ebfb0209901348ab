import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { backgroundContext } from "@lakehouse/core";
import type { Logger } from "@lakehouse/server";
import type { Scratch } from "../shard/scratch.ts";
import type { RevivingThread } from "../threads/reviving-thread.ts";
import type { FileCalls } from "./file-calls.ts";
import type { IndexLog } from "./index-log.ts";
import type { Cut } from "./index-state.ts";
import { FILE_MS_MAX } from "./limits.ts";

export interface FolderDependencies {
  files: RevivingThread<FileCalls>;
  /** Bearer token of the moment. */
  token: () => string;
  scratch: Scratch;
  logger: Logger;
}

/** An index whose log is folded into its file. */
export interface FoldableIndex {
  readonly name: string;
  readonly shards: { readonly total: number };
  readonly log: IndexLog | undefined;
  /** The index as it is at this moment. @param folderOf where each shard is written, by its number */
  cut(folderOf: (number: number) => string): Cut;
}

/** Folds logs into files. */
export class Folder {
  readonly #files: RevivingThread<FileCalls>;
  readonly #token: () => string;
  readonly #scratch: Scratch;
  readonly #logger: Logger;

  constructor({ files, token, scratch, logger }: FolderDependencies) {
    this.#files = files;
    this.#token = token;
    this.#scratch = scratch;
    this.#logger = logger;
  }

  /**
   * Writes the index as it is now to its file in one PUT, then removes the records that are in it. Batches go on meanwhile;
   * where it ends in between, records that are in the file are passed over at the next start.
   */
  async fold(index: FoldableIndex): Promise<void> {
    await using folder = await this.#scratch.folder();
    const folders = Array.from({ length: index.shards.total }, (_, number) => join(folder.path, String(number)));
    await Promise.all(folders.map((path) => mkdir(path)));
    const { state, sequence, saved } = index.cut((number) => folders[number]!);
    const shards = (await saved).map((shard, number) => ({ ...shard, folder: folders[number]! }));
    for (const { graphFault: reason } of shards) {
      if (reason) this.#logger.warn({ index: index.name, reason }, "a file is written without its graph");
    }
    await this.#files.call("write", this.#token(), { state, sequence, shards });
    await index.log!.removeUpTo(sequence, backgroundContext(FILE_MS_MAX));
  }
}
