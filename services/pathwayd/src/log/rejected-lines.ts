import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { AppendLog } from "./append-log.ts";
import { readLines } from "./read-lines.ts";

const NEWLINE = Buffer.from("\n");

/** The file of lines that were set aside, each as it was and once, however often the log is read. */
export class RejectedLines {
  readonly #path: string;
  readonly #digests = new Set<string>();
  #unsaved: Buffer[] = [];

  private constructor(path: string) {
    this.#path = path;
  }

  /** Reads what earlier starts have set aside. */
  static async open(path: string): Promise<RejectedLines> {
    const rejected = new RejectedLines(path);
    if (!existsSync(path)) return rejected;
    const file = await AppendLog.open(path);
    try {
      for await (const lines of readLines(file)) {
        for (const { bytes, ended, start } of lines) {
          if (ended) rejected.#digests.add(digestOf(bytes));
          else await file.truncate(start); // a start that was killed while it saved
        }
      }
    } finally {
      await file.close();
    }
    return rejected;
  }

  /** Lines in the file, and about to be. */
  get count(): number {
    return this.#digests.size;
  }

  add(line: Buffer): void {
    const digest = digestOf(line);
    if (this.#digests.has(digest)) return;
    this.#digests.add(digest);
    this.#unsaved.push(Buffer.concat([line, NEWLINE]));
  }

  /** Makes durable what was added; until then it must stay in the log. */
  async save(): Promise<void> {
    if (this.#unsaved.length === 0) return;
    const file = await AppendLog.open(this.#path);
    try {
      await file.append(Buffer.concat(this.#unsaved));
      this.#unsaved = [];
    } finally {
      await file.close();
    }
  }
}

function digestOf(line: Buffer): string {
  return hash("sha256", line, "base64");
}
