import { eventually, type ServiceProcess, startService, temporaryFolder } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { ask, succeed } from "./ask.ts";

test("playbooks survive kill -9 of vectord and matrixd the next moment", async () => {
  await using folder = await temporaryFolder();
  const [storaged, embedd] = await Promise.all([
    startService("storaged", { config: { storaged: { data_dir: folder.path } } }),
    startService("embedd"),
  ]);
  await using processes = new AsyncDisposableStack();
  processes.use(storaged);
  processes.use(embedd);
  const start = async (name: "vectord" | "matrixd", config: Record<string, unknown>, port = 0) => {
    const service = processes.use(await startService(name, { config: { [name]: config }, port }));
    await eventually(`${name} is ready`, async () => (await ask("GET", `${service.url}/ready`)).status === 200);
    return service;
  };
  const vectordConfig = { storaged_url: storaged.url, shards: 1 };
  let vectord = await start("vectord", vectordConfig);
  const matrixdConfig = { embedd_url: embedd.url, vectord_url: vectord.url };
  let matrixd: ServiceProcess = await start("matrixd", matrixdConfig);

  const text = "Drives lift trucks in Illinois";
  const { vectors } = await succeed("POST", `${embedd.url}/embed`, { texts: [text] });
  await succeed("POST", `${vectord.url}/vectors/index`, { name: "resumes", dimension: vectors[0].length });
  await succeed("POST", `${vectord.url}/vectors/index/resumes/add`, { items: [{ id: "r-1", vector: vectors[0] }] });
  const playbook = { query_text: "forklift operator", answer_id: "r-1", answer_corpus: "resumes", score: 1 };
  await succeed("POST", `${matrixd.url}/matrix/playbooks/record`, playbook);

  await Promise.all([vectord.stop("SIGKILL"), matrixd.stop("SIGKILL")]);
  vectord = await start("vectord", vectordConfig, vectord.port);
  matrixd = await start("matrixd", matrixdConfig, matrixd.port);

  const asked = { query_text: "a forklift operator", corpora: ["resumes"], use_playbook: true };
  const { results } = await succeed("POST", `${matrixd.url}/matrix/search`, asked);
  expect(results).toMatchObject([{ id: "r-1", playbook_boosted: true }]);
  expect(await succeed("POST", `${matrixd.url}/matrix/playbooks/record`, playbook)).toMatchObject({ existing: true });
});
