import { type ConfigOverrides, testPlatform } from "@lakehouse/server";
import { buildApp } from "../src/app.ts";
import { openMatrix } from "../src/open-matrix.ts";
import { type Answer, ask, succeed } from "./ask.ts";

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
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    origin,
    post: (path, body) => ask("POST", `${origin}/matrix/${path}`, body),
    succeed: (path, body) => succeed("POST", `${origin}/matrix/${path}`, body),
    async [Symbol.asyncDispose]() {
      app.server.closeAllConnections();
      await app.close();
      await Promise.all([dependencies.embed.close(), dependencies.vectors.close()]);
    },
  };
}
