import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { endWithUs } from "./end-with-us.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const tools = fileURLToPath(new URL("../../../.tools/bin", import.meta.url));

export interface S3Server {
  endpoint: string;
  credentials: { access_key_id: string; secret_access_key: string };
  /** Multipart uploads whose parts it keeps; its API lists them by exact key alone, its disk tells all. */
  multipartUploads(): Promise<string[]>;
  /** As a crash would; what was stored stays. */
  kill(): Promise<void>;
  /** Back on the same port and data. */
  restart(): Promise<void>;
  /** Stops it and removes its data. */
  close(): Promise<void>;
}

/** Where MinIO is: in the checkout's tool folder, or on the PATH; undefined where it is in neither. */
export function findMinio(): string | undefined {
  return [tools, ...(process.env["PATH"] ?? "").split(delimiter)]
    .map((folder) => join(folder, "minio"))
    .find(isExecutable);
}

/** A real S3 server with an empty folder. */
export async function startMinio(binary: string): Promise<S3Server> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { access_key_id: "lakehouse-test", secret_access_key: "lakehouse-test-secret" };
  let running: ChildProcess;

  const restart = async () => {
    running = spawn(binary, ["server", "--quiet", "--address", `127.0.0.1:${port}`, folder.path], {
      stdio: "ignore",
      env: {
        HOME: folder.path,
        MINIO_ROOT_USER: credentials.access_key_id,
        MINIO_ROOT_PASSWORD: credentials.secret_access_key,
        MINIO_BROWSER: "off",
      },
    });
    endWithUs(running);
    await eventually("MinIO is ready", async () => (await fetch(`${endpoint}/minio/health/cluster`)).ok, 30_000);
  };
  const kill = async () => {
    const exit = once(running, "exit");
    running.kill("SIGKILL");
    await exit;
  };
  await restart();
  return {
    endpoint,
    credentials,
    multipartUploads: () => uploadsIn(join(folder.path, ".minio.sys", "multipart")),
    kill,
    restart,
    close: async () => {
      if (running.exitCode === null && running.signalCode === null) await kill();
      await folder.remove();
    },
  };
}

async function uploadsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries.filter((entry) => entry.endsWith("xl.meta"));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, which is what was asked
  }
}
