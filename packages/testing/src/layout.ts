import { join } from "node:path";
import { type ServiceName, serviceNames } from "@lakehouse/contracts";
import { mergeConfig, type ServiceConfig } from "./service-command.ts";

/** The peers that each service reaches, in an order in which they can start. */
export const peersOf: Record<ServiceName, readonly ServiceName[]> = {
  storaged: [],
  embedd: [],
  pathwayd: [],
  chatd: [],
  catalogd: ["storaged"],
  vectord: ["storaged"],
  ingestd: ["storaged", "catalogd"],
  queryd: ["storaged", "catalogd"],
  matrixd: ["embedd", "vectord"],
  gateway: serviceNames.filter((name) => name !== "gateway"),
};

/**
 * Every service's addresses and folders, as `scripts/up --data` lays them out.
 * @param urlOf where the services reach a peer; without one they have the default
 */
export function layOut(folder: string, urlOf: (peer: ServiceName) => string | undefined): ServiceConfig {
  const at = (name: string) => join(folder, name);
  const urlsOf = (service: ServiceName) =>
    peersOf[service].flatMap((peer) => {
      const url = urlOf(peer);
      return url === undefined ? [] : [[`${peer}_url`, url]];
    });
  const addresses = Object.fromEntries(serviceNames.map((name) => [name, Object.fromEntries(urlsOf(name))]));
  return mergeConfig(addresses, {
    storaged: { data_dir: at("objects") },
    ingestd: { spool_dir: at("spool") },
    queryd: { temp_dir: at("query-temp"), cache_dir: at("query-cache") },
    pathwayd: { log_path: at("pathway/traces.jsonl") },
  });
}
