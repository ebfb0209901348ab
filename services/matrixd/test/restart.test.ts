import { startServices, succeed, untilReady } from "@lakehouse/testing";
import { expect, test } from "vitest";

test("playbooks survive kill -9 of vectord and matrixd the next moment", async () => {
  const names = ["storaged", "embedd", "vectord", "matrixd"] as const;
  await using services = await startServices(names, { config: { vectord: { shards: 1 } } });
  const { embedd, vectord, matrixd } = services;
  for (const { url } of [vectord, matrixd]) await untilReady(url);

  const text = "Drives lift trucks in Illinois";
  const { vectors } = await succeed("POST", `${embedd.url}/embed`, { texts: [text] });
  await succeed("POST", `${vectord.url}/vectors/index`, { name: "resumes", dimension: vectors[0].length });
  await succeed("POST", `${vectord.url}/vectors/index/resumes/add`, { items: [{ id: "r-1", vector: vectors[0] }] });
  const playbook = { query_text: "forklift operator", answer_id: "r-1", answer_corpus: "resumes", score: 1 };
  await succeed("POST", `${matrixd.url}/matrix/playbooks/record`, playbook);

  await Promise.all([vectord.stop("SIGKILL"), matrixd.stop("SIGKILL")]);
  for (const service of [vectord, matrixd]) {
    await service.restart();
    await untilReady(service.url);
  }

  const asked = { query_text: "a forklift operator", corpora: ["resumes"], use_playbook: true };
  const { results } = await succeed("POST", `${matrixd.url}/matrix/search`, asked);
  expect(results).toMatchObject([{ id: "r-1", playbook_boosted: true }]);
  expect(await succeed("POST", `${matrixd.url}/matrix/playbooks/record`, playbook)).toMatchObject({ existing: true });
});
