import { once } from "node:events";
import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import type { ServiceName } from "@lakehouse/contracts";
import { servedRoutes } from "../tools/api/served-routes.ts";
import type { Lakehouse } from "./lakehouse.ts";

export interface Door {
  method: string;
  path: string;
  /** The service's own address, or the gateway's. */
  at: string;
}

export interface DoorAnswer {
  status: number;
  /** Of an error of ours. */
  code: string | undefined;
  challenge: string | undefined;
}

/** Each route at the service itself and through the gateway, variable parts filled in. What the route does is no matter: its door is. */
export async function doorsOf({ daemons, url }: Lakehouse, service: ServiceName): Promise<Door[]> {
  const own = daemons[service].url;
  const everyDaemons = ["/health", "/ready", "/metrics"].map((path) => ({ method: "GET", path, at: own }));
  const routes = (await servedRoutes(service)).flatMap((route) => {
    const [method = "", path = ""] = route.replace(/\{\w+\}/g, "door").split(" ");
    const through = { method, path, at: url };
    return service === "gateway" ? [through] : [through, { method, path: path.slice("/v1".length), at: own }];
  });
  return [...everyDaemons, ...routes];
}

/** Knocks with a small JSON body, from any address of this machine, without tidying the path up. */
export async function knock(
  { at, method, path }: Door,
  headers: Record<string, string>,
  localAddress?: string,
): Promise<DoorAnswer> {
  const { hostname, port } = new URL(at);
  const source = localAddress === undefined ? {} : { localAddress };
  const sent = request({
    ...{ hostname, port, method, path, agent: false, ...source },
    headers: { ...headers, "content-length": 2 },
  });
  const answered = once(sent, "response");
  sent.end("{}");
  const [message] = await answered;
  const body = String(await buffer(message));
  const isOurs = String(message.headers["content-type"]).startsWith("application/json") && body !== "";
  return {
    status: message.statusCode as number,
    challenge: message.headers["www-authenticate"] as string | undefined,
    code: isOurs ? (JSON.parse(body) as { code?: string }).code : undefined,
  };
}
