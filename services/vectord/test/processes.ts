import { join } from "node:path";
import {
  eventually,
  type ServiceOptions,
  type ServiceProcess,
  startService,
  temporaryFolder,
} from "@lakehouse/testing";
import type { EngineName } from "../src/shard/ann-index.ts";
import { ask } from "./ask.ts";
import { type FlakyStoraged, startFlakyStoraged } from "./flaky-storaged.ts";

export interface Processes extends AsyncDisposable {
  /** On the fs store, where objects are files: `<vectors>/<name>.lhv1`, `<vectors>/wal/<name>/<sequence>`. */
  vectors: string;
  /** Keys of objects, whatever the store. */
  keys(prefix: string): Promise<string[]>;
  network: FlakyStoraged;
  vectord: ServiceProcess;
  /** `http://127.0.0.1:…/vectors/index` */
  readonly url: string;
  stopStoraged(): Promise<void>;
  startStoraged(): Promise<void>;
  /** Ends vectord as a power cut would, and brings it back on its port; ready again unless told not to wait. */
  restart(options?: { wait?: boolean; engine?: EngineName }): Promise<void>;
}

export interface Options {
  /** Of storaged, for another store than a folder. */
  storage?: ServiceOptions;
  fold_bytes?: string;
  fold_idle?: string;
  request_timeout?: string;
  engine?: EngineName;
}

/** vectord over a storaged of its own, both real processes, with a network between them that can fail. */
export async function startProcesses({
  storage,
  fold_bytes = "1 GiB",
  fold_idle = "1h",
  request_timeout = "5s",
  engine: firstEngine = "native",
}: Options = {}): Promise<Processes> {
  const folder = await temporaryFolder();
  const startStoraged = (port = 0) =>
    startService("storaged", { config: { storaged: { data_dir: folder.path } }, ...storage, port });
  let storaged = await startStoraged();
  const network = await startFlakyStoraged(storaged.url);
  let engine = firstEngine;
  const startVectord = (port = 0) => {
    const vectord = { storaged_url: network.url, fold_bytes, fold_idle, shards: 2, full_scan_threshold: 100, engine };
    return startService("vectord", { config: { vectord, server: { request_timeout } }, port });
  };
  const processes: Processes = {
    vectors: join(folder.path, "primary/_vectors"),
    async keys(prefix) {
      const { body } = await ask("GET", `${storaged.url}/storage/list?prefix=${prefix}`);
      return body.objects.map(({ key }: { key: string }) => key);
    },
    network,
    vectord: await startVectord(),
    get url() {
      return `${processes.vectord.url}/vectors/index`;
    },
    async stopStoraged() {
      await storaged.stop("SIGKILL");
    },
    async startStoraged() {
      storaged = await startStoraged(storaged.port);
    },
    async restart({ wait = true, engine: next = engine } = {}) {
      engine = next;
      await processes.vectord.stop("SIGKILL");
      processes.vectord = await startVectord(processes.vectord.port);
      if (wait) await ready(processes.vectord);
    },
    async [Symbol.asyncDispose]() {
      await processes.vectord.stop("SIGKILL");
      await storaged.stop("SIGKILL");
      await network.close();
      await folder.remove();
    },
  };
  await ready(processes.vectord);
  return processes;
}

export async function ready(vectord: ServiceProcess): Promise<void> {
  await eventually("vectord is ready", async () => (await ask("GET", `${vectord.url}/ready`)).status === 200);
}

/** All items of an index, by id, as a search and their own route show them. */
export async function itemsOf(url: string, name: string, dimension: number): Promise<Map<string, Item>> {
  const vector = [1, ...new Array<number>(dimension - 1).fill(0)];
  const { body } = await ask("POST", `${url}/${name}/search`, { vector, k: 1000, exact: true, include_vectors: true });
  return new Map(body.results.map(({ distance: _, ...item }: Item & { distance: number }) => [item.id, item]));
}

export interface Item {
  id: string;
  vector: number[];
  metadata: Record<string, unknown>;
}
