import { readFileSync } from "node:fs";
import type { ServiceName } from "@lakehouse/contracts";
import { answerChat, eventually, type FakeUpstream, startFakeUpstream, temporaryFolder } from "@lakehouse/testing";
import { type Lakehouse, startLakehouse, untilReady } from "../lakehouse.ts";

/** A value of the dataset that no page may read. */
export const CANARY = "canary-5f2c";

/** Requests of the tests themselves, told from those of pages in the log. */
const headers = { "x-request-id": "of-the-tests" };

export interface RequestLine {
  method: string;
  route: string;
  status: number;
  request_id: string;
}

/** A whole Lakehouse as it is after installation, without a token, and with something in it to steal, spoil and spend. */
export interface Victim extends AsyncDisposable {
  lakehouse: Lakehouse;
  ollama: FakeUpstream;
  port: number;
  /** All that a write could change, as it is now. */
  state(): Promise<unknown>;
  /** The requests of pages that a service has answered. */
  requests(service: ServiceName): RequestLine[];
}

export async function startVictim(origins: string[]): Promise<Victim> {
  await using started = new AsyncDisposableStack();
  const folder = started.use(await temporaryFolder());
  const ollama = started.use(await startFakeUpstream(answerChat));
  const config = { server: { origins }, chatd: { ollama_url: ollama.url } };
  const lakehouse = started.use(await startLakehouse({ folder: folder.path, config }));
  await untilReady(lakehouse);
  await fill(lakehouse.url);
  const running = started.move();
  return {
    lakehouse,
    ollama,
    port: Number(new URL(lakehouse.url).port),
    state: async () => ({ ...(await stateOf(lakehouse.url)), prompts: prompts(ollama) }),
    requests: (service) => requestLines(readFileSync(lakehouse.logOf(service), "utf8")),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function fill(url: string): Promise<void> {
  const send = async (method: string, path: string, body: string, type = "application/json") => {
    const answer = await fetch(`${url}/v1${path}`, { method, body, headers: { ...headers, "content-type": type } });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  };
  await send("POST", "/ingest?name=people", `name,secret\nAda,${CANARY}\n`, "text/csv");
  await send("PUT", "/storage/put/inbox/kept", CANARY);
  await send("POST", "/vectors/index", '{"name":"kept","dimension":2}');
  await send("POST", "/vectors/index/kept/add", '{"items":[{"id":"v-1","vector":[1,0]},{"id":"v-2","vector":[0,1]}]}');
  await send("POST", "/pathway/add", '{"uid":"kept","content":{"task":"a first trace"}}');
  await eventually("SQL reads it", async () => {
    const answer = await fetch(`${url}/v1/sql`, { method: "POST", headers, body: '{"sql":"FROM people"}' });
    return (await answer.text()).includes(CANARY);
  });
}

async function stateOf(url: string): Promise<Record<string, unknown>> {
  const paths = {
    datasets: "/catalog/list",
    objects: "/storage/list?prefix=inbox/",
    indexes: "/vectors/index",
    traces: "/pathway/stats",
  };
  const answers = Object.entries(paths).map(async ([what, path]) => [
    what,
    await (await fetch(`${url}/v1${path}`, { headers })).json(),
  ]);
  return Object.fromEntries(await Promise.all(answers));
}

/** What would have cost money. */
function prompts({ requests }: FakeUpstream): number {
  return requests.filter(({ url }) => url === "/api/chat").length;
}

/** What services ask each other, and tests that wait for them. */
const watched = new Set(["/health", "/ready"]);

function requestLines(log: string): RequestLine[] {
  return log
    .split("\n")
    .filter((line) => line.includes('"msg":"request"'))
    .map((line) => JSON.parse(line) as RequestLine)
    .filter(({ route, request_id }) => request_id !== headers["x-request-id"] && !watched.has(route));
}
