import { expect, test } from "vitest";
import { Violation } from "./api-client.ts";
import { Register } from "./register.ts";

const seeing = (state: string | undefined) => async () => state;
const outcome = (done: boolean | undefined) => async () => done;

test("what was acknowledged must be seen, and nothing else", async () => {
  const register = new Register("x", "absent");
  await register.change("one", outcome(true));
  expect(await register.check(seeing("one"))).toBe(true);
  await expect(register.check(seeing("absent"))).rejects.toThrow(Violation);
  await expect(register.check(seeing("half of one"))).rejects.toThrow(Violation);
  expect(await register.check(seeing(undefined))).toBe(false);
});

test("what was refused is never seen", async () => {
  const register = new Register("x", "absent");
  await register.change("one", outcome(false));
  expect(await register.check(seeing("absent"))).toBe(true);
  await expect(register.check(seeing("one"))).rejects.toThrow(Violation);
  expect(register.isWritable).toBe(true);
});

test("after an unknown outcome the old and the new are right, and nothing is written any more", async () => {
  const register = new Register("x", "absent");
  await register.change("one", outcome(true));
  await register.change("two", outcome(undefined));
  for (const state of ["one", "two"]) expect(await register.check(seeing(state))).toBe(true);
  await expect(register.check(seeing("absent"))).rejects.toThrow(Violation);
  expect([register.isWritable, register.isUncertain]).toEqual([false, true]);
});

test("a reading during a write may see either, one that begins after its acknowledgement only the new", async () => {
  const register = new Register("x", "absent");
  await register.change("one", outcome(true));
  const begun = Promise.withResolvers<string>();
  const reading = register.check(() => begun.promise);
  await register.change("two", outcome(true));
  begun.resolve("one");
  expect(await reading).toBe(true);
  await expect(register.check(seeing("one"))).rejects.toThrow(Violation);
});
