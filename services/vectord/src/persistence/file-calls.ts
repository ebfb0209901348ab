import { type ClientOptions, StorageClient } from "@lakehouse/clients";
import { backgroundContext, isLakehouseError, LakehouseError } from "@lakehouse/core";
import { DamagedError } from "../formats/damaged-error.ts";
import { buffersOf } from "../shard/index-shards.ts";
import { Transferred } from "../threads/messages.ts";
import { fileKey } from "./keys.ts";
import { FILE_MS_MAX } from "./limits.ts";
import { type LoadedFile, readIndexFile } from "./read-index-file.ts";
import { type FileToWrite, prepareIndexFile } from "./write-index-file.ts";

/**
 * Index files, read and written in a thread of their own: hashing and moving them takes seconds. Each call brings the bearer
 * token of the moment, since a thread does not see that it was rotated.
 */
export class FileCalls {
  readonly #storage: StorageClient;
  #token = "";

  constructor(storage: Omit<ClientOptions, "token">) {
    this.#storage = new StorageClient({ ...storage, token: () => this.#token });
  }

  /** @throws LakehouseError where the store does not take it, or may have taken it */
  async write(token: string, file: FileToWrite): Promise<void> {
    this.#token = token;
    const body = await prepareIndexFile(file);
    await this.#storage.put(fileKey(file.state.name), body, backgroundContext(FILE_MS_MAX));
  }

  /**
   * @returns undefined where there is no file
   * @throws DamagedError, LakehouseError where the store can't be reached
   */
  async read(token: string, name: string, shards: number): Promise<Transferred<LoadedFile> | undefined> {
    this.#token = token;
    try {
      const { size, body } = await this.#storage.get(fileKey(name), backgroundContext(FILE_MS_MAX));
      // What goes wrong while it is read is seen by who reads; afterwards it is of no interest.
      body.on("error", () => {});
      try {
        const file = await readIndexFile(body, { name, size, shards });
        return new Transferred(file, file.shards.flatMap(buffersOf));
      } catch (error) {
        throw whyNotRead(name, error, body.errored);
      } finally {
        body.destroy();
      }
    } catch (error) {
      if (isLakehouseError(error, "key_not_found")) return undefined;
      throw error;
    }
  }
}

/**
 * Failures of the network and lack of memory are worth a retry. Any other failure comes of the bytes and would come again: it must not
 * keep other indexes from being loaded.
 */
function whyNotRead(name: string, error: unknown, networkError: Error | null): Error {
  if (error instanceof DamagedError) return error;
  if (networkError === null && !isTransient(error)) {
    return new DamagedError(`Its bytes can't be read: ${String(error)}.`, { cause: error });
  }
  return new LakehouseError("storage_unavailable", `The file of ${name} can't be read now.`, { cause: error });
}

function isTransient(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return (
    code === "ERR_STREAM_PREMATURE_CLOSE" || (error instanceof RangeError && message.includes("allocation failed"))
  );
}
