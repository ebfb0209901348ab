import { join } from "node:path";
import { type ServiceProcess, startService, temporaryFolder } from "@lakehouse/testing";

type QuerydConfig = Record<string, unknown>;

/** The data plane as processes, with its own folder. */
export interface Lakehouse extends AsyncDisposable {
  folder: string;
  storaged: ServiceProcess;
  catalogd: ServiceProcess;
  ingestd: ServiceProcess;
  queryd: ServiceProcess;
  /** Sends a CSV, and waits until it is a dataset. */
  ingest(name: string, csv: string): Promise<IngestedDataset>;
  /** Asks queryd; `body` is JSON, or anything as it is. */
  ask(body: unknown, options?: AskOptions): Promise<Response>;
  /** One more queryd on the same catalog and store; `secrets` is the path of a file of its own. */
  startQueryd(config?: QuerydConfig, secrets?: string): Promise<ServiceProcess>;
}

export interface IngestedDataset {
  object: { key: string; size: number };
}

export interface AskOptions {
  query?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  queryd?: ServiceProcess;
}

export interface LakehouseOptions {
  queryd?: QuerydConfig;
  /** For every service that wants to know where objects are. */
  storaged?: Record<string, unknown>;
  /** Path of the secrets file. */
  secrets?: string;
  /** The tokens of every service; whatever names no token of its own goes with the first. */
  auth?: { token: string } & Record<string, unknown>;
}

export async function startLakehouse(options: LakehouseOptions = {}): Promise<Lakehouse> {
  const folder = await temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const storage = { data_dir: at("objects"), ...options.storaged };
  const auth = options.auth === undefined ? {} : { auth: options.auth };
  const authorization: Record<string, string> = options.auth ? { authorization: `Bearer ${options.auth.token}` } : {};
  const secrets = options.secrets === undefined ? {} : { secrets: { path: options.secrets } };
  const started: ServiceProcess[] = [];
  const start = async (name: Parameters<typeof startService>[0], values: Record<string, Record<string, unknown>>) => {
    const service = await startService(name, { config: { ...auth, ...secrets, ...values } });
    started.push(service);
    return service;
  };
  const storaged = await start("storaged", { storaged: storage });
  const peers = { storaged_url: storaged.url };
  const catalogd = await start("catalogd", { catalogd: peers });
  const all = { ...peers, catalogd_url: catalogd.url };
  const ingestd = await start("ingestd", { ingestd: { ...all, spool_dir: at("spool") } });
  const startQueryd = (extra: QuerydConfig = {}, ownSecrets?: string) => {
    const folders = { temp_dir: at(`temp-${started.length}`), cache_dir: at(`cache-${started.length}`) };
    const own = ownSecrets === undefined ? {} : { secrets: { path: ownSecrets } };
    return start("queryd", { storaged: storage, queryd: { ...all, ...folders, ...extra }, ...own });
  };
  const queryd = await startQueryd(options.queryd);

  return {
    folder: folder.path,
    storaged,
    catalogd,
    ingestd,
    queryd,
    startQueryd,
    async ingest(name, csv) {
      const headers = { "content-type": "text/csv", ...authorization };
      const response = await fetch(`${ingestd.url}/ingest?name=${name}`, { method: "POST", headers, body: csv });
      if (!response.ok) throw new Error(`The ingest of ${name} failed: ${await response.text()}`);
      return (await response.json()) as IngestedDataset;
    },
    ask(body, options = {}) {
      return fetch(`${(options.queryd ?? queryd).url}/sql${options.query ?? ""}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...authorization, ...options.headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...(options.signal ? { signal: options.signal } : {}),
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((service) => service[Symbol.asyncDispose]()));
      await folder.remove();
    },
  };
}
