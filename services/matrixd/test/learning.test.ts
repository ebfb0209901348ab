import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Matrixd, openMatrixd } from "./open-matrixd.ts";
import { type Peers, startPeers } from "./peers.ts";

const ROWS = "600";
const SEED = "7";
const script = fileURLToPath(new URL("../../../scripts/make-workers-csv", import.meta.url));

/** Two corpora of résumés, halved by row, so that neither is the right one for any query. */
const corpora = ["agency", "referrals"];
const K = 20;
const QUERIES = 96;

interface Worker {
  role: string;
  city: string;
  resume: string;
}

let peers: Peers;
let matrixd: Matrixd;
let workers: Worker[];

beforeAll(async () => {
  peers = await startPeers();
  matrixd = await openMatrixd({ matrixd: peers.urls });
  const csv = execFileSync(script, ["--rows", ROWS, "--seed", SEED], { encoding: "utf8" });
  workers = parseWorkers(csv);
  for (const [half, corpus] of corpora.entries()) {
    const texts = workers.flatMap(({ resume }, row) => (row % 2 === half ? [[`r-${row}`, resume] as const] : []));
    await peers.fillTexts(corpus, Object.fromEntries(texts));
  }
});
afterAll(async () => {
  await matrixd[Symbol.asyncDispose]();
  await peers[Symbol.asyncDispose]();
});

/** What somebody searches for, in the words of the first time and in others, and what they chose then. */
interface Need {
  role: string;
  past: string;
  paraphrases: string[];
  /** `corpus/id`. */
  chosen: string;
}

it("what a user chose is found sooner when they ask in other words, and unrelated queries are left alone", async () => {
  const needs = await Promise.all(distinctQueries().map(makeNeed));
  const roles = [...new Set(needs.map(({ role }) => role))];
  const isLearnt = ({ role }: Need) => roles.indexOf(role) % 2 === 0;
  const known = needs.filter((need, i) => isLearnt(need) && i % 2 === 0);
  const groups = {
    "held-out paraphrases": known,
    // The same jobs in other cities, some of which are near enough to be taken for past queries.
    "neighbouring queries": needs.filter((need, i) => isLearnt(need) && i % 2 === 1),
    "unrelated queries": needs.filter((need) => !isLearnt(need)),
  };
  for (const { past, chosen } of known) {
    const [answer_corpus, answer_id] = chosen.split("/");
    await matrixd.succeed("playbooks/record", { query_text: past, answer_corpus, answer_id, score: 1 });
  }
  const rises: Record<string, number> = {};
  for (const [name, group] of Object.entries(groups)) {
    const [without, using] = [await meanReciprocalRank(group, false), await meanReciprocalRank(group, true)];
    rises[name] = using - without;
    process.stdout.write(
      `playbooks: MRR over ${3 * group.length} ${name} ${without.toFixed(3)} -> ${using.toFixed(3)}\n`,
    );
  }
  expect(rises["held-out paraphrases"]).toBeGreaterThanOrEqual(0.15);
  expect(rises["unrelated queries"]).toBeGreaterThanOrEqual(0);
});

/** The user has reasons that no text tells: what they chose is not what is nearest. */
async function makeNeed({ role, city }: Worker, i: number): Promise<Need> {
  const job = role.toLowerCase();
  const past = `${job} in ${city}`;
  const chosen = (await found(past, false))[1 + ((i * 7) % 9)]!;
  const paraphrases = [
    `a ${job}, based in ${city}`,
    `${city}: we need a ${job} there`,
    `which ${job}s are near ${city}?`,
  ];
  return { role, past, paraphrases, chosen };
}

/** A worker for each job in each city, spread over the jobs. */
function distinctQueries(): Worker[] {
  const distinct = new Map(workers.map((worker) => [`${worker.role} in ${worker.city}`, worker]));
  return [...distinct.values()].slice(0, QUERIES);
}

async function meanReciprocalRank(needs: Need[], usePlaybook: boolean): Promise<number> {
  const asked = needs.flatMap(({ paraphrases, chosen }) => paraphrases.map((query) => ({ query, chosen })));
  const ranks = await Promise.all(
    asked.map(async ({ query, chosen }) => (await found(query, usePlaybook)).indexOf(chosen)),
  );
  return ranks.reduce((sum, rank) => sum + (rank === -1 ? 0 : 1 / (rank + 1)), 0) / ranks.length;
}

async function found(query_text: string, use_playbook: boolean): Promise<string[]> {
  const { results } = await matrixd.succeed("search", { query_text, corpora, k: K, use_playbook });
  return results.map(({ corpus, id }: { corpus: string; id: string }) => `${corpus}/${id}`);
}

/** RFC 4180, the plain way: a field is quoted with doubled quotes, or has no quote at all. */
function parseWorkers(csv: string): Worker[] {
  const records: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    records.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === "\n") records.push([]);
  }
  const [header, ...rows] = records.slice(0, -1);
  const column = (row: string[], name: string) => row[header!.indexOf(name)]!;
  return rows.map((row) => ({
    role: column(row, "role"),
    city: column(row, "city"),
    resume: column(row, "resume_text"),
  }));
}
