import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type ServiceProcess, startService } from "@lakehouse/testing";
import { httpRequest, type Load, loadWith } from "./load.ts";
import { numbersOf } from "./vectors-data.ts";

const BATCH = 500;

/** Shares of the items that the filters leave; each item has a key for each, which is 0 in that share. */
export const shares = [0.5, 0.1, 0.01, 0.001];

/** vectord on an fs store, behind a gateway, with one index `bench`. */
export class VectorService implements AsyncDisposable {
  readonly storaged: ServiceProcess;
  readonly gateway: ServiceProcess;
  readonly #folder: string;
  #vectord: ServiceProcess;

  private constructor(folder: string, storaged: ServiceProcess, vectord: ServiceProcess, gateway: ServiceProcess) {
    this.#folder = folder;
    this.storaged = storaged;
    this.#vectord = vectord;
    this.gateway = gateway;
  }

  static async start(folder: string): Promise<VectorService> {
    const storaged = await startService("storaged", {
      config: { storaged: { data_dir: folder, max_put_bytes: "4 GiB" } },
    });
    const vectord = await startVectord(storaged);
    const gateway = await startService("gateway", { config: { gateway: { vectord_url: vectord.url } } });
    return new VectorService(folder, storaged, vectord, gateway);
  }

  get vectord(): ServiceProcess {
    return this.#vectord;
  }

  /** What vectord keeps of the index, once its log is folded in. */
  get indexFile(): string {
    return join(this.#folder, "primary/_vectors/bench.lhv1");
  }

  async create(name: string, dimension: number): Promise<void> {
    await this.#ask("POST", "", { name, dimension });
  }

  async delete(name: string): Promise<void> {
    await this.#ask("DELETE", `/${name}`);
  }

  async deleteItems(name: string, ids: readonly string[]): Promise<void> {
    await this.#ask("POST", `/${name}/delete`, { ids });
  }

  /** Requests that add the vectors, by their place from `from` on. Made ahead: a client has its own ways to write numbers. */
  addRequests(vectors: readonly Float32Array[], from: number): Buffer[] {
    const starts = Array.from({ length: Math.ceil(vectors.length / BATCH) }, (_, i) => i * BATCH);
    return starts.map((start) => {
      const items = vectors.slice(start, start + BATCH).map((vector, i) => {
        const row = from + start + i;
        const metadata = shares.map((share, key) => [`f${key}`, row % Math.round(1 / share)] as const);
        return { id: String(row), vector: numbersOf(vector), metadata: Object.fromEntries(metadata) };
      });
      return this.addRequest("bench", items);
    });
  }

  addRequest(name: string, items: readonly object[]): Buffer {
    return jsonRequest("POST", `/v1/vectors/index/${name}/add`, { items });
  }

  /** One after the other. */
  async send(requests: readonly Buffer[]): Promise<Load> {
    return loadWith(this.gateway.url, { clients: 1, count: requests.length }, (i) => requests[i]!);
  }

  /** Until the graphs have all that was added. */
  async indexed(): Promise<void> {
    const metrics = async () => (await fetch(`${this.#vectord.url}/metrics`)).text();
    while (!/^vectord_unindexed_items\S* 0$/m.test(await metrics())) await delay(20);
  }

  /** Until the file has all, so that nothing is left to be done. */
  async folded(): Promise<void> {
    const log = `${this.storaged.url}/storage/list?prefix=_vectors/wal/bench/`;
    const left = async () => ((await (await fetch(log)).json()) as { objects: unknown[] }).objects.length;
    while ((await left()) > 0) await delay(100);
  }

  /** Kills vectord and starts it again. @returns seconds from the start of the process to /ready */
  async reload(): Promise<number> {
    await this.#vectord.stop("SIGKILL");
    const { seconds, vectord } = await timedStart(this.storaged, this.#vectord.port);
    this.#vectord = vectord;
    return seconds;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const service of [this.gateway, this.#vectord, this.storaged]) await service.stop("SIGKILL");
  }

  async #ask(method: string, path: string, body?: object): Promise<void> {
    await this.send([jsonRequest(method, `/v1/vectors/index${path}`, body)]);
  }
}

export function jsonRequest(method: string, path: string, body?: object): Buffer {
  if (body === undefined) return httpRequest(method, path);
  return httpRequest(method, path, JSON.stringify(body), "content-type: application/json\r\n");
}

/** Seconds that a vectord with no index takes to be ready. */
export async function emptyStart(folder: string): Promise<number> {
  await using storaged = await startService("storaged", { config: { storaged: { data_dir: folder } } });
  const { seconds, vectord } = await timedStart(storaged);
  await vectord.stop("SIGKILL");
  return seconds;
}

async function timedStart(storaged: ServiceProcess, port = 0): Promise<{ seconds: number; vectord: ServiceProcess }> {
  const started = performance.now();
  const vectord = await startVectord(storaged, port);
  const isReady = () => fetch(`${vectord.url}/ready`).then(({ ok }) => ok);
  while (!(await isReady())) await delay(5);
  return { seconds: (performance.now() - started) / 1_000, vectord };
}

function startVectord(storaged: ServiceProcess, port = 0): Promise<ServiceProcess> {
  return startService("vectord", { port, config: { vectord: { storaged_url: storaged.url } } });
}
