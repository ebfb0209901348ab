import { type FakeUpstream, startFakeUpstream, type UpstreamRequest } from "@lakehouse/testing";

/**
 * What becomes of a request: it passes; it is lost on the way there, or its answer on the way back; it is answered by
 * something else than storaged.
 */
export type Fate = "pass" | "lose request" | "lose answer" | { status: number; code: string };

export interface FlakyStoraged extends FakeUpstream {
  /** Decides from now on; may wait as long as it likes. */
  fate: (request: UpstreamRequest) => Fate | Promise<Fate>;
}

/** A network between vectord and a real storaged that does what a test wants of it. */
export async function startFlakyStoraged(url: string): Promise<FlakyStoraged> {
  let flaky: FlakyStoraged;
  const upstream = await startFakeUpstream(async (request, response) => {
    const fate = await flaky.fate(request);
    if (typeof fate === "object") {
      const body = JSON.stringify({ error: "As the test wants it.", code: fate.code, request_id: "test" });
      response.writeHead(fate.status, { "content-type": "application/json" }).end(body);
      return;
    }
    if (fate === "lose request") {
      response.destroy();
      return;
    }
    const body = request.method === "PUT" ? { body: Uint8Array.from(request.body) } : {};
    const answer = await fetch(url + request.url, { method: request.method, ...body });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (fate === "lose answer") response.destroy();
    else response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(bytes);
  });
  flaky = Object.assign(upstream, { fate: (): Fate => "pass" });
  return flaky;
}
