import { runService } from "@lakehouse/server";
import { buildApp } from "./app.ts";
import { openMatrix } from "./open-matrix.ts";

await runService("matrixd", async (platform) => {
  const dependencies = openMatrix(platform);
  const { embed, vectors } = dependencies;
  return {
    app: buildApp(dependencies, platform),
    close: async () => {
      await Promise.all([embed.close(), vectors.close()]);
    },
  };
});
