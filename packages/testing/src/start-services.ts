import type { ServiceName } from "@lakehouse/contracts";
import { layOut, peersOf } from "./layout.ts";
import { mergeConfig, type ServiceConfig, type ServiceOptions } from "./service-command.ts";
import { type ServiceProcess, startService } from "./service-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Services by name, each its own process. They end, and their folder goes, when this is disposed of. */
export type Services<Name extends ServiceName> = Record<Name, ServiceProcess> &
  AsyncDisposable & {
    /** Everything that they keep; storaged's data is in `objects`. */
    folder: string;
    /** One more process of a service, beside the others, with these changes. */
    start(name: ServiceName, changes?: ServiceConfig): Promise<ServiceProcess>;
  };

/**
 * Starts services on free ports, wired to each other, on a temporary folder. Each has the whole configuration, as from one file.
 * @param options what counts before the wiring: `config` of any section, `environment`
 */
export async function startServices<Name extends ServiceName>(
  names: readonly Name[],
  { config = {}, environment = {} }: Omit<ServiceOptions, "port"> = {},
): Promise<Services<Name>> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await temporaryFolder());
  const services: Partial<Record<ServiceName, ServiceProcess>> = {};
  const startInto = async (stack: AsyncDisposableStack, name: ServiceName, changes: ServiceConfig = {}) => {
    const wired = layOut(folder.path, (peer) => services[peer]?.url);
    return stack.use(await startService(name, { config: mergeConfig(wired, config, changes), environment }));
  };

  const starting = new Map<ServiceName, Promise<void>>();
  const startAfterPeers = async (name: ServiceName) => {
    await Promise.all(peersOf[name].map((peer) => starting.get(peer)));
    services[name] = await startInto(opened, name);
  };
  for (const name of Object.keys(peersOf) as ServiceName[])
    if (names.some((wanted) => wanted === name)) starting.set(name, startAfterPeers(name));
  await settled([...starting.values()]);

  const running = opened.move();
  return {
    ...(services as Record<Name, ServiceProcess>),
    folder: folder.path,
    start: (name, changes) => startInto(running, name, changes),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Waits for all, so that what still starts when one fails is there to be ended too. */
async function settled(promises: Promise<void>[]): Promise<void> {
  await Promise.allSettled(promises);
  await Promise.all(promises);
}
