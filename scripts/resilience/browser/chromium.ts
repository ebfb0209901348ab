import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { describe } from "vitest";

const program = ["chromium", "chromium-browser", "google-chrome"].flatMap(findProgram)[0];

/** Tests in a real Chromium. Where the machine has none, one loud line takes their place. */
export function describeChromium(name: string, tests: () => void): void {
  if (program === undefined) console.warn(`!!! NOT TESTED in Chromium: ${name}; apt-get install chromium brings it`);
  describe.skipIf(program === undefined)(name, tests);
}

/** A Chromium without a window, for which every name but localhost is 127.0.0.1: what an attacker's own DNS can answer. */
export function openChromium(): Promise<Browser> {
  const args = [
    "--no-sandbox", // it refuses to run as root with one
    "--no-proxy-server",
    "--host-resolver-rules=MAP *.example 127.0.0.1",
    // Newer browsers ask before a public page reaches this machine; older ones and other makes do not, so it must hold without.
    "--disable-features=LocalNetworkAccessChecks,PrivateNetworkAccessRespectPreflightResults",
  ];
  return chromium.launch({ executablePath: program!, args });
}

function findProgram(name: string): string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).filter((path) => existsSync(path));
}
