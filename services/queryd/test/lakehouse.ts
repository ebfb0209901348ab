import { join } from "node:path";
import { type ServiceProcess, type Services, startServices } from "@lakehouse/testing";

type QuerydConfig = Record<string, unknown>;

/** The data plane as processes, with its own folder. */
export interface Lakehouse extends Services<"storaged" | "catalogd" | "ingestd" | "queryd"> {
  /** Sends a CSV, and waits until it is a dataset. */
  ingest(name: string, csv: string): Promise<IngestedDataset>;
  /** Asks queryd; `body` is JSON, or anything as it is. */
  ask(body: unknown, options?: AskOptions): Promise<Response>;
  /** One more queryd on the same catalog and store; `secrets` is the path of a file of its own. */
  startQueryd(config?: QuerydConfig, secrets?: string): Promise<ServiceProcess>;
}

interface IngestedDataset {
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
  const { auth, secrets, storaged = {} } = options;
  const authorization: Record<string, string> = auth ? { authorization: `Bearer ${auth.token}` } : {};
  const config = { storaged, ...(auth && { auth }), ...(secrets && { secrets: { path: secrets } }) };
  const services = await startServices(["storaged", "catalogd", "ingestd"], { config });
  let started = 0;
  const startQueryd: Lakehouse["startQueryd"] = (own = {}, ownSecrets) => {
    const at = (name: string) => join(services.folder, `${name}-${started}`);
    started += 1;
    const queryd = { temp_dir: at("temp"), cache_dir: at("cache"), ...own };
    return services.start("queryd", { queryd, ...(ownSecrets && { secrets: { path: ownSecrets } }) });
  };
  const firstQueryd = await startQueryd(options.queryd);
  return {
    ...services,
    queryd: firstQueryd,
    startQueryd,
    async ingest(name, csv) {
      const headers = { "content-type": "text/csv", ...authorization };
      const response = await fetch(`${services.ingestd.url}/ingest?name=${name}`, {
        method: "POST",
        headers,
        body: csv,
      });
      if (!response.ok) throw new Error(`The ingest of ${name} failed: ${await response.text()}`);
      return (await response.json()) as IngestedDataset;
    },
    ask(body, { query = "", headers = {}, signal = null, queryd = firstQueryd } = {}) {
      return fetch(`${queryd.url}/sql${query}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...authorization, ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
        signal,
      });
    },
  };
}
