import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../../make-workers-csv", import.meta.url));

test("the same rows and seed give the same bytes, and fewer rows are the beginning of more", () => {
  const hundred = makeCsv("100");
  expect(makeCsv("--rows", "100", "--seed", "1")).toBe(hundred);
  expect(makeCsv("150").startsWith(hundred)).toBe(true);
  expect(makeCsv("--rows", "100", "--seed", "2")).not.toBe(hundred);
});

test("every row has 18 fields that agree with each other", () => {
  const [header, ...rows] = records(makeCsv("2000"));
  expect(header).toHaveLength(18);
  expect(rows).toHaveLength(2000);
  for (const [index, row] of rows.entries()) {
    const worker = Object.fromEntries(header!.map((name, column) => [name, row[column]!]));
    expect(row).toHaveLength(18);
    expect(worker["worker_id"]).toBe(String(index + 1));
    expect(worker["zip"]).toMatch(/^[0-9]{5}$/);
    expect(worker["hourly_rate"]).toMatch(/^([0-9]+\.[0-9]{2})?$/);
    expect(Number(worker["reliability"])).toBeGreaterThanOrEqual(0);
    expect(Number(worker["reliability"])).toBeLessThanOrEqual(1);
    const resume = worker["resume_text"]!;
    expect(resume).toContain(`${worker["role"]} in ${worker["city"]}, ${worker["state"]}`);
    for (const part of `${worker["skills"]}, ${worker["certifications"]}`.split(", ")) expect(resume).toContain(part);
    expect(resume.length).toBeGreaterThanOrEqual(450);
    expect(resume.length).toBeLessThanOrEqual(550);
  }
});

test("it has what makes a CSV hard: leading zeros, commas, line breaks and quotes in quotes, empty fields", () => {
  const csv = makeCsv("2000");
  expect(csv).toMatch(/,0[0-9]{4},/);
  expect(csv).toMatch(/"[^"\n]+, [^"\n]+"/);
  expect(csv).toContain('""');
  expect(csv).toContain(",,");
  expect(csv).toMatch(/experience\.\n/);
});

test("a reader that stops early ends it without a complaint", () => {
  expect(execFileSync("bash", ["-o", "pipefail", "-c", `'${script}' 20000 | head -n 1`], { encoding: "utf8" })).toMatch(
    /^worker_id,/,
  );
});

test("a wrong argument is exit 2 with the usage", () => {
  expect(() => execFileSync(script, ["--rows", "many"], { stdio: "pipe" })).toThrow(/usage:/);
});

function makeCsv(...args: string[]): string {
  return execFileSync(script, args, { encoding: "utf8", maxBuffer: 1 << 26 });
}

/** RFC 4180, the plain way: a field is quoted with doubled quotes, or has no quote at all. */
function records(csv: string): string[][] {
  const all: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    all.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === "\n") all.push([]);
  }
  return all.slice(0, -1);
}
