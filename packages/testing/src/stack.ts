import { type ServiceName, serviceNames } from "@lakehouse/contracts";
import { answerChat } from "./fake-ollama.ts";
import { type FakeUpstream, startFakeUpstream } from "./fake-upstream.ts";
import type { ServiceProcess } from "./service-process.ts";
import { startServices } from "./start-services.ts";

const TOKEN = "a-token-of-the-tests";

/** A whole Lakehouse behind a token, each service its own process; Ollama alone is a fake. */
export interface Stack extends AsyncDisposable {
  /** The gateway's address. */
  url: string;
  token: string;
  services: Record<ServiceName, ServiceProcess>;
  ollama: FakeUpstream;
  /** For files of the tests. */
  folder: string;
}

export async function startStack(): Promise<Stack> {
  await using opened = new AsyncDisposableStack();
  const ollama = opened.use(await startFakeUpstream(answerChat));
  const config = { chatd: { ollama_url: ollama.url } };
  const services = opened.use(await startServices(serviceNames, { config, environment: { AUTH_TOKEN: TOKEN } }));
  const running = opened.move();
  return {
    url: services.gateway.url,
    token: TOKEN,
    services,
    ollama,
    folder: services.folder,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
