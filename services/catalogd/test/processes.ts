import { ask, type ServiceProcess, type Services, startService, startServices } from "@lakehouse/testing";

export type Processes = Services<"storaged" | "catalogd">;

const withoutGrace = { gc_grace: "0s", gc_every: "0s" };

/** catalogd over a storaged of its own; unlisted objects count as garbage at once. */
export function startProcesses(catalogd: object = {}, request_timeout = "30s"): Promise<Processes> {
  const config = { catalogd: { ...withoutGrace, ...catalogd }, server: { request_timeout } };
  return startServices(["storaged", "catalogd"], { config });
}

/** catalogd before a storaged that is not there yet. */
export function startAlone(storaged_url: string): Promise<ServiceProcess> {
  return startService("catalogd", { config: { catalogd: { storaged_url, ...withoutGrace } } });
}

export async function upload(storaged: ServiceProcess, key: string, bytes = "x"): Promise<void> {
  const response = await fetch(`${storaged.url}/storage/put/${key}`, { method: "PUT", body: bytes });
  if (!response.ok) throw new Error(`PUT ${key}: ${response.status} ${await response.text()}`);
}

export async function storedKeys(storaged: ServiceProcess, prefix: string): Promise<string[]> {
  const { body } = await ask("GET", `${storaged.url}/storage/list?prefix=${prefix}`);
  return body.objects.map(({ key }: { key: string }) => key);
}
