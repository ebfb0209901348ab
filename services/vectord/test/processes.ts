import { join } from "node:path";
import {
  ask,
  type FaultProxy,
  type ServiceOptions,
  type ServiceProcess,
  startFaultProxy,
  startService,
  temporaryFolder,
  untilReady,
} from "@lakehouse/testing";
import type { EngineName } from "../src/shard/ann-index.ts";

export interface Processes extends AsyncDisposable {
  /** On the fs store, where objects are files: `<vectors>/<name>.lhv1`, `<vectors>/wal/<name>/<sequence>`. */
  vectors: string;
  /** Keys of objects, whatever the store. */
  keys(prefix: string): Promise<string[]>;
  /** Between vectord and storaged. */
  network: FaultProxy;
  vectord: ServiceProcess;
  /** `http://127.0.0.1:…/vectors/index` */
  url: string;
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
  request_timeout = "5s",
  ...options
}: Options = {}): Promise<Processes> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await temporaryFolder());
  const onFolder = { config: { storaged: { data_dir: folder.path } } };
  const storaged = opened.use(await startService("storaged", { ...onFolder, ...storage }));
  const network = opened.use(await startFaultProxy(storaged.url, { isWhole: true }));
  const settings = { fold_bytes: "1 GiB", fold_idle: "1h", shards: 2, full_scan_threshold: 100, ...options };
  const config = { vectord: { storaged_url: network.url, ...settings }, server: { request_timeout } };
  const vectord = opened.use(await startService("vectord", { config }));
  await untilReady(vectord.url);
  const running = opened.move();
  return {
    vectors: join(folder.path, "primary/_vectors"),
    async keys(prefix) {
      const { body } = await ask("GET", `${storaged.url}/storage/list?prefix=${prefix}`);
      return body.objects.map(({ key }: { key: string }) => key);
    },
    network,
    vectord,
    url: `${vectord.url}/vectors/index`,
    stopStoraged: async () => void (await storaged.stop("SIGKILL")),
    startStoraged: () => storaged.restart(),
    async restart({ wait = true, engine } = {}) {
      await vectord.restart(engine && { vectord: { engine } });
      if (wait) await untilReady(vectord.url);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
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
