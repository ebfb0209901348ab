import { join } from "node:path";
import type { ServiceName } from "@lakehouse/contracts";
import { answerChat } from "./fake-ollama.ts";
import { type FakeUpstream, startFakeUpstream } from "./fake-upstream.ts";
import { type ServiceProcess, startService } from "./service-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

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
  await using started = new AsyncDisposableStack();
  const folder = started.use(await temporaryFolder());
  const at = (name: string) => join(folder.path, name);
  const ollama = started.use(await startFakeUpstream(answerChat));
  const storage = { data_dir: at("objects") };
  const environment = { AUTH_TOKEN: TOKEN };
  const start = async (name: ServiceName, config: Record<string, unknown> = {}) =>
    started.use(await startService(name, { config: { storaged: storage, [name]: config }, environment }));

  // In three steps, each of services that need none of their own step.
  const [storaged, embedd, pathwayd, chatd] = await Promise.all([
    start("storaged", storage),
    start("embedd"),
    start("pathwayd", { log_path: at("traces.jsonl") }),
    start("chatd", { ollama_url: ollama.url }),
  ]);
  const storaged_url = storaged.url;
  const [catalogd, vectord] = await Promise.all([
    start("catalogd", { storaged_url }),
    start("vectord", { storaged_url }),
  ]);
  const peers = { storaged_url, catalogd_url: catalogd.url };
  const [ingestd, queryd, matrixd] = await Promise.all([
    start("ingestd", { ...peers, spool_dir: at("spool") }),
    start("queryd", { ...peers, temp_dir: at("query-temp"), cache_dir: at("query-cache") }),
    start("matrixd", { embedd_url: embedd.url, vectord_url: vectord.url }),
  ]);
  const behind = { storaged, catalogd, ingestd, queryd, vectord, embedd, pathwayd, matrixd, chatd };
  const urls = Object.entries(behind).map(([name, { url }]) => [`${name}_url`, url]);
  const gateway = await start("gateway", Object.fromEntries(urls));

  const running = started.move();
  return {
    url: gateway.url,
    token: TOKEN,
    services: { ...behind, gateway },
    ollama,
    folder: folder.path,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
