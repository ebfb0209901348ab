import { join } from "node:path";
import type { ServiceName } from "@lakehouse/contracts";
import {
  type FakeUpstream,
  type ServiceProcess,
  startFakeUpstream,
  startService,
  temporaryFolder,
} from "@lakehouse/testing";
import { answerChat } from "./fake-ollama.ts";

export const TOKEN = "a-token-of-the-tests";

/** What a command line needs of a Lakehouse, each service its own process, behind a token; Ollama alone is a fake. */
export interface Stack extends AsyncDisposable {
  url: string;
  queryd: ServiceProcess;
  ollama: FakeUpstream;
  /** For files of the tests. */
  folder: string;
}

export async function startStack(): Promise<Stack> {
  await using started = new AsyncDisposableStack();
  const folder = started.use(await temporaryFolder());
  const at = (name: string) => join(folder.path, name);
  const start = async (name: ServiceName, config: Record<string, unknown>) =>
    started.use(
      await startService(name, { config: { storaged: storage, [name]: config }, environment: { AUTH_TOKEN: TOKEN } }),
    );
  const storage = { data_dir: at("objects") };
  const ollama = started.use(await startFakeUpstream(answerChat));
  const [storaged, embedd, chatd] = await Promise.all([
    start("storaged", storage),
    start("embedd", {}),
    start("chatd", { ollama_url: ollama.url }),
  ]);
  const storaged_url = storaged.url;
  const [catalogd, vectord] = await Promise.all([
    start("catalogd", { storaged_url }),
    start("vectord", { storaged_url }),
  ]);
  const peers = { storaged_url, catalogd_url: catalogd.url };
  const [ingestd, queryd] = await Promise.all([
    start("ingestd", { ...peers, spool_dir: at("spool") }),
    start("queryd", { ...peers, temp_dir: at("query-temp"), cache_dir: at("query-cache") }),
  ]);
  const gateway = await start("gateway", {
    ...peers,
    ingestd_url: ingestd.url,
    queryd_url: queryd.url,
    vectord_url: vectord.url,
    embedd_url: embedd.url,
    chatd_url: chatd.url,
  });
  const running = started.move();
  return { url: gateway.url, queryd, ollama, folder: folder.path, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
