import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type FakeUpstream, startFakeUpstream } from "@lakehouse/testing";

/** It writes a script itself, whose end must not be taken for its own. */
const script = readFileSync(join(import.meta.dirname, "hostile-page.js"), "utf8").replaceAll("</script", "<\\/script");
export const page = `<!doctype html><title>A page</title><body><script>${script}</script></body>`;

/** Somebody else's web server: the page, whatever is asked for, and redirects to wherever `to` says. */
export function startWebServer(): Promise<FakeUpstream> {
  return startFakeUpstream(({ url }, response) => {
    const to = URL.parse(url, "http://web.example")?.searchParams.get("to");
    if (to) response.writeHead(307, { location: to }).end();
    else response.writeHead(200, { "content-type": "text/html" }).end(page);
  });
}
