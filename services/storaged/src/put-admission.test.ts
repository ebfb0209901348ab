import { expect, test } from "vitest";
import { PutAdmission } from "./put-admission.ts";

const limits = {
  put_slots: 2,
  max_put_bytes: 100,
  prefix_caps: [
    { prefix: "data/", max_put_bytes: 500 },
    { prefix: "data/small/", max_put_bytes: 10 },
    { prefix: "d", max_put_bytes: 200 },
  ],
};

test.each([
  ["other", 100],
  ["data/x", 500],
  ["data/small/x", 10],
  ["data", 200],
  ["x/data/", 100],
])("the cap of %s is %i: the longest prefix wins", (key, cap) => {
  expect(new PutAdmission(limits).capFor(key)).toBe(cap);
});

test("a declared size at the cap passes, one byte more never runs", async () => {
  const admission = new PutAdmission(limits);
  expect(await admission.admit("a", 100, async (capBytes) => capBytes)).toBe(100);
  const refused = admission.admit("a", 101, () => expect.fail("ran"));
  await expect(refused).rejects.toMatchObject({ code: "payload_too_large", details: { limit_bytes: 100 } });
});

test("slots are given back, also after a failure", async () => {
  const admission = new PutAdmission(limits);
  const first = Promise.withResolvers<string>();
  const second = Promise.withResolvers<string>();
  const running = [admission.admit("a", 1, () => first.promise), admission.admit("b", undefined, () => second.promise)];
  expect(admission.inFlight).toBe(2);
  const refused = admission.admit("c", 1, () => expect.fail("ran"));
  await expect(refused).rejects.toMatchObject({ code: "storage_busy", retryAfterSeconds: 5 });

  first.resolve("stored");
  second.reject(new Error("broken"));
  expect(await Promise.allSettled(running)).toMatchObject([{ value: "stored" }, { reason: { message: "broken" } }]);
  expect(admission.inFlight).toBe(0);
  expect(await admission.admit("c", 1, async () => "stored")).toBe("stored");
});
