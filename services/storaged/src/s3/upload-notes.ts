import { randomUUID } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";

/** A part that was on its way when its upload was ended has come to the server, or never will. */
const SETTLED_MS = 3_600_000;

export interface UploadNote {
  /** Of its file. */
  name: string;
  key: string;
  /** None where the process died, or the server fell silent, before it was told: then the upload has no part. */
  uploadId: string | undefined;
}

/**
 * Notes on this machine's disk of multipart uploads that were begun and not completed, so that those of a process that died can
 * be ended by the next. The store itself can't be relied on for it: MinIO lists uploads only to who knows their keys.
 *
 * A note is a line with the key, written before the server is asked, and one with the upload's id, written before it gets a part.
 * A line without its end was cut off by the death of its process, and what it precedes never happened.
 */
export class UploadNotes {
  readonly #folder: string;
  readonly #settledMs: number;
  /** Of uploads of this process. */
  readonly #underWay = new Set<UploadNote>();
  /** When an upload that was left behind was first ended, by the name of its note. */
  readonly #endedAt = new Map<string, number>();

  constructor(folder: string, settledMs = SETTLED_MS) {
    this.#folder = folder;
    this.#settledMs = settledMs;
  }

  /** Notes what the client begins, and strikes out what it completes. */
  follow(client: S3Client): void {
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (call) => {
          const { Key: key = "", UploadId } = call.input as { Key?: string; UploadId?: string };
          const note = commandName === "CreateMultipartUploadCommand" ? await this.#begin(key) : undefined;
          try {
            const result = await next(call);
            if (note) await this.#identify(note, (result.output as { UploadId: string }).UploadId);
            if (commandName === "CompleteMultipartUploadCommand") await this.#strikeOut(this.#noteOf(UploadId!)!.name);
            return result;
          } catch (error) {
            if (note) this.#underWay.delete(note);
            throw error;
          }
        },
      { step: "initialize", name: "uploadNotes" },
    );
  }

  /** The upload is no longer under way here. If its note still stands, it was not completed. */
  release(uploadId: string): void {
    const note = this.#noteOf(uploadId);
    if (note) this.#underWay.delete(note);
  }

  isUnderWay(key: string): boolean {
    return [...this.#underWay].some((note) => note.key === key);
  }

  /** Uploads that nobody will complete: of an earlier process, or of this one, where they failed. */
  async abandoned(): Promise<UploadNote[]> {
    const names = await readdir(this.#folder).catch(() => []); // no folder: nothing was ever noted
    const own = new Set([...this.#underWay].map(({ name }) => name));
    const notes = await Promise.all(names.filter((name) => !own.has(name)).map((name) => this.#read(name)));
    return notes.filter((note) => note !== undefined);
  }

  /** Its upload was ended, and is to be ended again until parts that were on their way then are surely gone as well. */
  async ended({ name }: UploadNote): Promise<void> {
    const endedAt = this.#endedAt.get(name) ?? performance.now();
    this.#endedAt.set(name, endedAt);
    if (performance.now() - endedAt >= this.#settledMs) await this.#strikeOut(name);
  }

  async #begin(key: string): Promise<UploadNote> {
    const note: UploadNote = { name: randomUUID(), key, uploadId: undefined };
    this.#underWay.add(note);
    await this.#write(async () => {
      await mkdir(this.#folder, { recursive: true });
      await writeFile(this.#pathOf(note.name), line(key));
    });
    return note;
  }

  async #identify(note: UploadNote, uploadId: string): Promise<void> {
    note.uploadId = uploadId;
    await this.#write(() => appendFile(this.#pathOf(note.name), line(uploadId)));
  }

  /** A disk that is full or read-only is no reason to refuse the upload: without its note it is swept after a day. */
  async #write(writing: () => Promise<void>): Promise<void> {
    await writing().catch(() => {});
  }

  async #read(name: string): Promise<UploadNote | undefined> {
    try {
      const [key, uploadId] = wholeLines(await readFile(this.#pathOf(name), "utf8"));
      if (key !== undefined) return { name, key, uploadId };
      await this.#strikeOut(name);
    } catch {
      // Struck out meanwhile, or what is no note.
    }
    return undefined;
  }

  async #strikeOut(name: string): Promise<void> {
    this.#endedAt.delete(name);
    await rm(this.#pathOf(name), { force: true });
  }

  #noteOf(uploadId: string): UploadNote | undefined {
    return [...this.#underWay].find((note) => note.uploadId === uploadId);
  }

  #pathOf(name: string): string {
    return join(this.#folder, name);
  }
}

function line(text: string): string {
  return `${JSON.stringify(text)}\n`;
}

function wholeLines(text: string): string[] {
  return text.split("\n").slice(0, -1).map(textFrom);
}

/** @throws Error where it is not a text: then it is not a line of ours */
function textFrom(line: string): string {
  const text: unknown = JSON.parse(line);
  if (typeof text === "string") return text;
  throw new TypeError("A line of a note is not a text.");
}
