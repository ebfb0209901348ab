import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { endWithUs, eventually, freePort } from "@lakehouse/testing";

/** A program that a bench started, and where it answers. */
export interface Program extends AsyncDisposable {
  url: string;
  pid: number;
}

/** A script beside this one, in a Node of its own; it gets the port to listen on, then `args`. */
export async function startScript(name: string, ...args: string[]): Promise<Program> {
  const port = await freePort();
  const path = fileURLToPath(new URL(name, import.meta.url));
  return started(spawn(process.execPath, [path, String(port), ...args], { stdio: "inherit" }), port);
}

/** Debian's nginx with one worker. @returns undefined where the machine has none */
export async function startNginx(folder: string, server: string): Promise<Program | undefined> {
  if (spawnSync("nginx", ["-v"]).error) return undefined;
  const port = await freePort();
  const file = join(folder, "nginx.conf");
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${folder};`)
    .join(" ");
  writeFileSync(
    file,
    `daemon off; user root; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events {} http { access_log ${folder}/access.log; sendfile on; keepalive_requests 1000000; client_max_body_size 0; ${paths}
${server.replaceAll("LISTEN", `listen 127.0.0.1:${port};`)} }`,
  );
  return started(spawn("nginx", ["-c", file, "-p", folder], { stdio: "inherit" }), port);
}

async function started(child: ChildProcess, port: number): Promise<Program> {
  endWithUs(child);
  const url = `http://127.0.0.1:${port}`;
  await eventually(`${child.spawnfile} answers`, () => fetch(url).then(() => true));
  return {
    url,
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      await exit;
    },
  };
}
