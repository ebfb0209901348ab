import { runService } from "@lakehouse/server";
import { buildApp } from "./app.ts";
import { openEmbedder } from "./open-embedder.ts";

await runService("embedd", async (platform) => {
  const dependencies = await openEmbedder(platform, process.env);
  return {
    app: buildApp(dependencies, platform),
    close: () => dependencies.provider.close(),
  };
});
