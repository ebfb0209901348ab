import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { type ServiceProcess, startService, temporaryFolder } from "@lakehouse/testing";

export interface Processes extends AsyncDisposable {
  folder: string;
  storaged: ServiceProcess;
  catalogd: ServiceProcess;
  ingestd: ServiceProcess;
  /** Files of ingests that are in the spool now. */
  spooled(): string[];
  /** Keys of all data objects in the store. */
  objects(): string[];
  /** Where an object is on disk. */
  objectPath(key: string): string;
  restart(name: "storaged" | "catalogd" | "ingestd"): Promise<void>;
}

/** ingestd between a storaged and a catalogd of its own, all three real processes on the fs store. */
export async function startProcesses(settings: Record<string, unknown> = {}): Promise<Processes> {
  const folder = await temporaryFolder();
  const data = join(folder.path, "data");
  const spool = join(folder.path, "spool");
  const storaged = await startService("storaged", { config: { storaged: { data_dir: data } } });
  const startCatalogd = (port = 0) =>
    startService("catalogd", { config: { catalogd: { storaged_url: storaged.url, gc_every: "0s" } }, port });
  const catalogd = await startCatalogd();
  const startIngestd = (port = 0) => {
    const peers = { storaged_url: storaged.url, catalogd_url: catalogd.url };
    return startService("ingestd", { config: { ingestd: { ...peers, spool_dir: spool, ...settings } }, port });
  };
  const processes: Processes = {
    folder: folder.path,
    storaged,
    catalogd,
    ingestd: await startIngestd(),
    spooled: () => globSync("*.{csv,parquet}", { cwd: spool }),
    objects: () => globSync("**/datasets/**/*.parquet", { cwd: data }),
    objectPath(key) {
      const [path] = globSync(`**/${key}`, { cwd: data });
      if (path === undefined || !existsSync(join(data, path))) throw new Error(`There is no object ${key}.`);
      return join(data, path);
    },
    async restart(name) {
      const { port } = processes[name];
      await processes[name].stop("SIGKILL");
      if (name === "storaged") {
        processes.storaged = await startService("storaged", { config: { storaged: { data_dir: data } }, port });
      } else processes[name] = await (name === "catalogd" ? startCatalogd(port) : startIngestd(port));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([processes.ingestd, processes.catalogd, processes.storaged].map((one) => one.stop("SIGKILL")));
      await folder.remove();
    },
  };
  return processes;
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  body: any;
  headers: Headers;
}

/** Sends a CSV as a raw body. */
export function ingest(
  service: ServiceProcess,
  query: string,
  csv: NonNullable<RequestInit["body"]>,
  contentType = "text/csv",
): Promise<Answer> {
  return ask(`${service.url}/ingest?${query}`, {
    method: "POST",
    body: csv,
    headers: { "content-type": contentType },
    duplex: "half",
  } as RequestInit);
}

/** Sends a CSV as `curl -F file=@x.csv` does. */
export function ingestForm(service: ServiceProcess, query: string, csv: string, field = "file"): Promise<Answer> {
  const form = new FormData();
  form.append("note", "fields beside the file are ignored");
  form.append(field, new Blob([csv], { type: "text/csv" }), "x.csv");
  return ask(`${service.url}/ingest?${query}`, { method: "POST", body: form });
}

export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
}

export async function manifest(catalogd: ServiceProcess, name: string): Promise<Answer> {
  return ask(`${catalogd.url}/catalog/manifest/${name}`);
}
