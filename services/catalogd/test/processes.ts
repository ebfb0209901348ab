import { type ServiceProcess, startService, temporaryFolder } from "@lakehouse/testing";

export interface Processes extends AsyncDisposable {
  folder: string;
  storaged: ServiceProcess;
  catalogd: ServiceProcess;
  /** Ends a process as a power cut would, and brings it back on its port. */
  restart(name: "storaged" | "catalogd"): Promise<void>;
}

/** catalogd over a storaged of its own, both real processes; unlisted objects count as garbage at once. */
export async function startProcesses(): Promise<Processes> {
  const folder = await temporaryFolder();
  const storaged = await startStoraged(folder.path);
  const catalogd = await startCatalogd(storaged.url);
  const processes: Processes = {
    folder: folder.path,
    storaged,
    catalogd,
    async restart(name) {
      const { port } = processes[name];
      await processes[name].stop("SIGKILL");
      if (name === "storaged") processes.storaged = await startStoraged(folder.path, port);
      else processes.catalogd = await startCatalogd(processes.storaged.url, port);
    },
    async [Symbol.asyncDispose]() {
      await processes.catalogd.stop("SIGKILL");
      await processes.storaged.stop("SIGKILL");
      await folder.remove();
    },
  };
  return processes;
}

export function startStoraged(data_dir: string, port = 0): Promise<ServiceProcess> {
  return startService("storaged", { config: { storaged: { data_dir } }, port });
}

export function startCatalogd(
  storaged_url: string,
  port = 0,
  settings: Record<string, string> = {},
  request_timeout = "30s",
): Promise<ServiceProcess> {
  const catalogd = { storaged_url, gc_grace: "0s", gc_every: "0s", ...settings };
  return startService("catalogd", { config: { catalogd, server: { request_timeout } }, port });
}

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  body: any;
  headers: Headers;
}

/** One request with a JSON body where one is given. */
export async function ask(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const json =
    body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
  const response = await fetch(url, { method, headers, ...json });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
}

export async function upload(storaged: ServiceProcess, key: string, bytes = "x"): Promise<void> {
  const response = await fetch(`${storaged.url}/storage/put/${key}`, { method: "PUT", body: bytes });
  if (!response.ok) throw new Error(`PUT ${key}: ${response.status} ${await response.text()}`);
}

export async function storedKeys(storaged: ServiceProcess, prefix: string): Promise<string[]> {
  const { body } = await ask("GET", `${storaged.url}/storage/list?prefix=${prefix}`);
  return body.objects.map(({ key }: { key: string }) => key);
}
