import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { endWithUs } from "./end-with-us.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { type S3Credentials, s3Call } from "./s3-call.ts";
import { type S3ServerKind, s3ServerKinds } from "./s3-server-kinds.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const START_MS_MAX = 60_000;
const tools = fileURLToPath(new URL("../../../.tools/bin", import.meta.url));

export interface S3Server {
  kind: S3ServerKind;
  endpoint: string;
  /** Of its administrator, who may do anything. */
  credentials: S3Credentials;
  makeBucket(name: string): Promise<void>;
  /** Where it keeps what was stored. */
  dataFolder: string;
  /** Multipart uploads whose parts it keeps, by what lies on its disk: MinIO's API lists them by exact key alone. */
  multipartUploads(): Promise<string[]>;
  /** As a crash would; what was stored stays. */
  kill(): Promise<void>;
  /** Stands still with all its connections open, as a machine that swaps. */
  freeze(): void;
  thaw(): void;
  /** Back on the same port and data. */
  restart(): Promise<void>;
  /** Stops it and removes its data. */
  close(): Promise<void>;
}

/** Where such a server, or another tool of `scripts/test-tools`, is: in the checkout's tool folder, or on the PATH. */
export function findTool(name: string): string | undefined {
  return [tools, ...(process.env["PATH"] ?? "").split(delimiter)]
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/**
 * A real S3 server with an empty folder, on a free port.
 * @throws Error where the machine has none
 */
export async function startS3Server(kind: S3ServerKind): Promise<S3Server> {
  const binary = findTool(kind);
  if (binary === undefined) throw new Error(`There is no ${kind} here; scripts/test-tools ${kind} fetches it.`);
  const { argumentsOf, environmentOf, healthPath, uploadsIn } = s3ServerKinds[kind];
  const folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const folders = { data: at("data"), home: at("home"), accounts: at("accounts") };
  for (const path of Object.values(folders)) await mkdir(path);
  const address = `127.0.0.1:${await freePort()}`;
  const endpoint = `http://${address}`;
  const credentials = { access_key_id: "TESTADMINKEY", secret_access_key: "test-admin-secret" };
  let running: ChildProcess;

  const restart = async () => {
    const env = { HOME: folders.home, ...environmentOf(credentials) };
    running = spawn(binary, argumentsOf(address, folders), { stdio: "ignore", env });
    endWithUs(running);
    await eventually(`${kind} is ready`, async () => (await fetch(endpoint + healthPath)).ok, START_MS_MAX);
  };
  const kill = async () => {
    const exit = once(running, "exit");
    running.kill("SIGKILL");
    await exit;
  };
  await restart();
  return {
    kind,
    endpoint,
    credentials,
    makeBucket: async (name) => {
      const status = await s3Call("PUT", `${endpoint}/${name}`, credentials);
      if (status !== 200) throw new Error(`${kind} answered ${status} to the making of a bucket.`);
    },
    dataFolder: folders.data,
    multipartUploads: () => uploadsIn(folders.data),
    kill,
    freeze: () => void running.kill("SIGSTOP"),
    thaw: () => void running.kill("SIGCONT"),
    restart,
    close: async () => {
      if (running.exitCode === null && running.signalCode === null) await kill();
      await folder.remove();
    },
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, which is what was asked
  }
}
