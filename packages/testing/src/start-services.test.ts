import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { ask, type Services, startServices, succeed, untilReady } from "./index.ts";

test("services reach each other, come back on their ports with changes, and are gone with their folder", async () => {
  let folder: string;
  let url: string;
  {
    await using services: Services<"storaged" | "catalogd"> = await startServices(["catalogd", "storaged"]);
    ({ folder } = services);
    ({ url } = services.catalogd);
    await untilReady(url);
    await succeed("POST", `${url}/catalog/gc`, { dry_run: true });
    expect(existsSync(`${folder}/objects`)).toBe(true);

    const { pid } = services.catalogd;
    await services.catalogd.restart({ server: { origins: "https://app.example" } });
    expect([services.catalogd.url, services.catalogd.pid === pid]).toEqual([url, false]);

    const other = await services.start("catalogd");
    await untilReady(other.url);
    expect(other.port).not.toBe(services.catalogd.port);
  }
  expect(existsSync(folder)).toBe(false);
  await expect(ask("GET", `${url}/health`)).rejects.toThrow("fetch failed");
});

test("where one of them can't start, the error has its log", async () => {
  const config = { storaged: { data_dir: import.meta.filename } };
  const starting = startServices(["storaged", "catalogd"], { config });
  await expect(starting).rejects.toThrow(/storaged did not start:[\s\S]*start-services\.test/);
});
