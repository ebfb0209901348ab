import { globSync } from "node:fs";
import { join } from "node:path";
import { type Answer, answerOf, ask, type ServiceProcess, type Services, startServices } from "@lakehouse/testing";

type Name = "storaged" | "catalogd" | "ingestd";

export interface Processes extends Services<Name> {
  /** Files of ingests that are in the spool now. */
  spooled(): string[];
  /** Keys of all data objects in the store. */
  objects(): string[];
  /** Where an object is on disk. */
  objectPath(key: string): string;
}

/** ingestd between a storaged and a catalogd of its own, on the fs store. */
export async function startProcesses(ingestd: Record<string, unknown> = {}): Promise<Processes> {
  const config = { catalogd: { gc_every: "0s" }, ingestd };
  const services = await startServices(["storaged", "catalogd", "ingestd"], { config });
  const data = join(services.folder, "objects");
  return Object.assign(services, {
    spooled: () => globSync("*.{csv,parquet}", { cwd: join(services.folder, "spool") }),
    objects: () => globSync("**/datasets/**/*.parquet", { cwd: data }),
    objectPath(key: string) {
      const [path] = globSync(`**/${key}`, { cwd: data });
      if (path === undefined) throw new Error(`There is no object ${key}.`);
      return join(data, path);
    },
  });
}

/** Sends a CSV as a raw body. */
export function ingest(
  service: ServiceProcess,
  query: string,
  csv: NonNullable<RequestInit["body"]>,
  contentType = "text/csv",
): Promise<Answer> {
  const init = { method: "POST", body: csv, headers: { "content-type": contentType }, duplex: "half" };
  return answerOf(fetch(`${service.url}/ingest?${query}`, init as RequestInit));
}

/** Sends a CSV as `curl -F file=@x.csv` does. */
export function ingestForm(service: ServiceProcess, query: string, csv: string, field = "file"): Promise<Answer> {
  const form = new FormData();
  form.append("note", "fields beside the file are ignored");
  form.append(field, new Blob([csv], { type: "text/csv" }), "x.csv");
  return answerOf(fetch(`${service.url}/ingest?${query}`, { method: "POST", body: form }));
}

export function manifest(catalogd: ServiceProcess, name: string): Promise<Answer> {
  return ask("GET", `${catalogd.url}/catalog/manifest/${name}`);
}
