import { defaults } from "@lakehouse/server";
import { expect, it } from "vitest";
import { resolveTiers } from "./tiers.ts";

const models = defaults.models;

it("gives every tier of the configuration its model", () => {
  const tiers = resolveTiers(models);
  expect([...tiers.keys()]).toEqual(Object.keys(models).filter((key) => key !== "weak_models"));
  expect(tiers.get("local_hot")).toBe(models.local_hot);
});

it("lets a tier stand for another", () => {
  const tiers = resolveTiers({ ...models, local_review: "local_judge", local_judge: "local_hot", local_hot: "m:1b" });
  expect(["local_review", "local_judge", "local_hot"].map((tier) => tiers.get(tier))).toEqual(["m:1b", "m:1b", "m:1b"]);
});

it("refuses tiers that name each other in a circle, or themselves", () => {
  const circle = { local_hot: "local_fast", local_fast: "local_judge", local_judge: "local_hot" };
  expect(() => resolveTiers({ ...models, ...circle })).toThrow(/^models\.local_\w+ is "local_\w+", which leads back/);
  expect(() => resolveTiers({ ...models, local_hot: "local_hot" })).toThrow(/models\.local_hot/);
});
