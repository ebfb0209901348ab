import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { embedText } from "./embed-text.ts";
import { HASHING_DIMENSION } from "./hashing-provider.ts";

/** The demo's own: the weights were found on samples of other seeds. */
const SEED = "1";
const ROWS = "2000";
const QUERIES = 150;

interface Worker {
  role: string;
  city: string;
  certifications: string[];
  vector: Float32Array;
}

const script = fileURLToPath(new URL("../../../../scripts/make-workers-csv", import.meta.url));
let workers: Worker[] = [];

beforeAll(() => {
  const csv = execFileSync(script, ["--rows", ROWS, "--seed", SEED], { encoding: "utf8", maxBuffer: 2 ** 26 });
  workers = parseWorkers(csv);
});

/**
 * What is found is judged by the fields that the résumé was written from. Few workers fit all that some queries ask, so precision is
 * taken at 10, or at as many as there are.
 */
describe("a sentence finds the résumés that fit it, with a precision at 10 of 0.9 and more", () => {
  it("forklift operator with OSHA 30", () => {
    const fits = (one: Worker) => one.role === "Forklift Operator" && one.certifications.includes("OSHA 30");
    expect(workers.filter(fits).length).toBeGreaterThan(10);
    expect(precision("forklift operator with OSHA 30", fits)).toBeGreaterThanOrEqual(0.9);
  });

  it("forklift operator in Chicago with OSHA 30: first those who fit in all, then those who fit in most", () => {
    const agreements = (one: Worker) =>
      Number(one.role === "Forklift Operator") +
      Number(one.city === "Chicago") +
      Number(one.certifications.includes("OSHA 30"));
    const query = "forklift operator in Chicago with OSHA 30";
    expect(precision(query, (one) => agreements(one) === 3)).toBe(1);
    expect(precision(query, (one) => agreements(one) >= 2)).toBeGreaterThanOrEqual(0.9);
  });

  it("role and certification, role and place, all three: on average over many queries", () => {
    const found = { certification: [] as number[], place: [] as number[], all: [] as number[] };
    const step = Math.floor(workers.length / QUERIES);
    for (const { role, city, certifications } of workers.filter((_, row) => row % step === 0)) {
      const [certification] = certifications;
      const job = role.toLowerCase();
      const isThere = (one: Worker) => one.role === role && one.city === city;
      found.place.push(precision(`${job} in ${city}`, isThere));
      if (!certification) continue;
      const holds = (one: Worker) => one.role === role && one.certifications.includes(certification);
      found.certification.push(precision(`${job} with ${certification}`, holds));
      found.all.push(precision(`${job} in ${city} with ${certification}`, (one) => isThere(one) && holds(one)));
    }
    expect(mean(found.certification)).toBeGreaterThanOrEqual(0.97);
    expect(mean(found.place)).toBeGreaterThanOrEqual(0.94);
    expect(mean(found.all)).toBeGreaterThanOrEqual(0.9);
  });
});

function precision(query: string, fits: (worker: Worker) => boolean): number {
  const count = Math.min(10, workers.filter(fits).length);
  const wanted = embedText(query, HASHING_DIMENSION);
  const ranked = workers.map((worker) => ({ worker, score: dot(wanted, worker.vector) }));
  const first = ranked.sort((a, b) => b.score - a.score).slice(0, count);
  return first.filter(({ worker }) => fits(worker)).length / count;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let place = 0; place < a.length; place++) sum += a[place]! * b[place]!;
  return sum;
}

const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

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
    certifications: column(row, "certifications").split(", ").filter(Boolean),
    vector: embedText(column(row, "resume_text"), HASHING_DIMENSION),
  }));
}
