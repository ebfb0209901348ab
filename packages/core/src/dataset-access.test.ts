import { type Caller, roles, scopes } from "@lakehouse/contracts";
import { expect, it } from "vitest";
import { assertMayWrite, seesAllDatasets, seesDataset } from "./dataset-access.ts";

const caller = (datasets: string[], ...granted: Caller["scopes"]): Caller => ({ name: "c", scopes: granted, datasets });

it.each([
  [["*"], "people", true],
  [["pub_*"], "pub_people", true],
  [["pub_*"], "PUB_People", true],
  [["PUB_*"], "pub_people", true],
  [["pub_*"], "people", false],
  [["pub_*"], "apub_x", false],
  [["people"], "people2", false],
  [["a*c*e"], "abcde", true],
  [["a*c*e"], "abcd", false],
  [["sales.2024"], "salesx2024", false],
  [["a", "b"], "b", true],
])("globs %o show %s: %s", (datasets, name, shown) => {
  expect(seesDataset(caller(datasets), name)).toBe(shown);
});

it("shows names that begin with _ to those who may observe", () => {
  expect(seesDataset(caller(["*"], "sql"), "_queries")).toBe(false);
  expect(seesDataset(caller(["*"], "sql", "observe"), "_queries")).toBe(true);
  expect(seesDataset(caller(["pub_*"], "observe"), "_queries")).toBe(false);
});

it("shows everything to a service, and to those with no limit who may observe", () => {
  expect([seesAllDatasets(undefined), seesDataset(undefined, "_x")]).toEqual([true, true]);
  expect(seesAllDatasets(caller(["*"], ...scopes))).toBe(true);
  expect(seesAllDatasets(caller(["*"], "sql"))).toBe(false);
  expect(seesAllDatasets(caller(["a*"], ...scopes))).toBe(false);
});

it("refuses a write that it would hide", () => {
  expect(() => assertMayWrite(caller(["pub_*"]), "people")).toThrow(
    expect.objectContaining({ code: "forbidden_dataset" }),
  );
  assertMayWrite(caller(["pub_*"]), "pub_people");
});

it("gives each role what the one below it has, the agent less the objects", () => {
  const { reader, agent, writer, admin } = roles;
  expect(reader.filter((scope) => !agent.includes(scope))).toEqual(["storage:read"]);
  expect([...reader, ...agent].filter((scope) => !writer.includes(scope))).toEqual([]);
  expect(scopes.filter((scope) => !writer.includes(scope))).toEqual(["admin"]);
  expect(admin).toEqual(scopes);
});
