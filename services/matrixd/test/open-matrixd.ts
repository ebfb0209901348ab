import { type ConfigOverrides, testPlatform } from "@lakehouse/server";
import { type Answer, ask, serveApp, succeed } from "@lakehouse/testing";
import { buildApp } from "../src/app.ts";
import { openMatrix } from "../src/open-matrix.ts";

export interface Matrixd extends AsyncDisposable {
  /** `http://127.0.0.1:…` */
  origin: string;
  /** `POST /matrix/<path>`, whatever it answers. */
  post(path: string, body: unknown): Promise<Answer>;
  /** The answer of a `POST /matrix/<path>` that has to succeed. */
  succeed(path: string, body: unknown): Promise<Answer["body"]>;
}

/** matrixd in this process, on a socket of its own, wired as in `main.ts`. */
export async function openMatrixd(config: ConfigOverrides): Promise<Matrixd> {
  const platform = testPlatform("matrixd", config);
  const dependencies = openMatrix(platform);
  const app = buildApp(dependencies, platform);
  const served = await serveApp(app, () => Promise.all([dependencies.embed.close(), dependencies.vectors.close()]));
  const origin = served.url;
  return {
    ...served,
    origin,
    post: (path, body) => ask("POST", `${origin}/matrix/${path}`, body),
    succeed: (path, body) => succeed("POST", `${origin}/matrix/${path}`, body),
  };
}
