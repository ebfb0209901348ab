import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";

export interface UploadNote {
  key: string;
  upload_id: string;
}

const ending = new Set(["CompleteMultipartUploadCommand", "AbortMultipartUploadCommand"]);

/**
 * Notes on this machine's disk of multipart uploads that have begun and not ended, so that those of a process that died can
 * be ended by the next. The store itself can't be relied on for it: MinIO lists uploads only to who knows their keys. What dies
 * in the instant between the server's answer and the note is left to the sweep of old uploads.
 */
export class UploadNotes {
  readonly #folder: string;
  /** Uploads of this process, by id. */
  readonly #underWay = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Notes what the client begins, and strikes out what it ends. */
  follow(client: S3Client): void {
    client.middlewareStack.add(
      (next, { commandName = "" }) =>
        async (call) => {
          const result = await next(call);
          const input = call.input as { Key?: string; UploadId?: string };
          const output = result.output as { UploadId?: string };
          if (commandName === "CreateMultipartUploadCommand") {
            await this.#write({ key: input.Key ?? "", upload_id: output.UploadId ?? "" });
          }
          if (ending.has(commandName)) await this.strikeOut(input.UploadId ?? "");
          return result;
        },
      { step: "initialize", name: "uploadNotes" },
    );
  }

  /** The upload is no longer under way here. If its note still stands, it could not be ended. */
  release(uploadId: string): void {
    this.#underWay.delete(uploadId);
  }

  /** Uploads that nobody will end: of an earlier process, or of this one, where the store was out of reach. */
  async abandoned(): Promise<UploadNote[]> {
    const names = await readdir(this.#folder).catch(() => []); // no folder: nothing was ever noted
    const notes = await Promise.all(names.map((name) => readNote(join(this.#folder, name))));
    return notes.filter((note) => note !== undefined && !this.#underWay.has(note.upload_id)) as UploadNote[];
  }

  async strikeOut(uploadId: string): Promise<void> {
    await rm(this.#pathOf(uploadId), { force: true });
  }

  async #write(note: UploadNote): Promise<void> {
    this.#underWay.add(note.upload_id);
    try {
      await mkdir(this.#folder, { recursive: true });
      await writeFile(this.#pathOf(note.upload_id), JSON.stringify(note));
    } catch {
      // A disk that is full or read-only is no reason to refuse the upload: without its note it is swept after a day.
    }
  }

  #pathOf(uploadId: string): string {
    return join(this.#folder, createHash("sha256").update(uploadId).digest("hex"));
  }
}

async function readNote(path: string): Promise<UploadNote | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as UploadNote;
  } catch {
    return undefined; // struck out meanwhile, or half a note of a process that died: swept after a day
  }
}
