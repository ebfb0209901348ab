import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "lakehouse-vectord-";

export interface ScratchFolder extends AsyncDisposable {
  path: string;
}

/** A folder of this process, which `Scratch.open` of a later one sweeps where this one dies. Gone when its scope ends. */
export async function scratchFolder(): Promise<ScratchFolder> {
  const path = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  return { path, [Symbol.asyncDispose]: () => remove(path) };
}

/** Where shards are on their way to the store: hnswlib writes to files only. */
export class Scratch {
  readonly #path: string;
  #lastFolder = 0;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Sweeps what processes that died left behind. */
  static async open(): Promise<Scratch> {
    for (const name of await readdir(tmpdir())) {
      const [, pid] = /^lakehouse-vectord-(\d+)-/.exec(name) ?? [];
      if (pid !== undefined && !isRunning(Number(pid))) await remove(join(tmpdir(), name));
    }
    return new Scratch(await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`)));
  }

  /** Gone when its scope ends. */
  async folder(): Promise<ScratchFolder> {
    this.#lastFolder += 1;
    const path = join(this.#path, String(this.#lastFolder));
    await mkdir(path);
    return { path, [Symbol.asyncDispose]: () => remove(path) };
  }

  async close(): Promise<void> {
    await remove(this.#path);
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // another user's, and running
  }
}
