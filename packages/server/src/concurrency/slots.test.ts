import { describe, expect, it } from "vitest";
import { Slots } from "./slots.ts";

const { signal } = new AbortController();

describe("slots", () => {
  it("let so many work at once, and the others in their order, whatever comes of the work", async () => {
    const slots = new Slots(2);
    const works = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
    const started: number[] = [];
    const runs = works.map(({ promise }, index) =>
      slots.run(() => {
        started.push(index);
        return promise;
      }, signal),
    );
    expect(started).toEqual([0, 1]);
    works[1]!.reject(new Error("failed"));
    await expect(runs[1]).rejects.toThrow("failed");
    await expect.poll(() => started).toEqual([0, 1, 2]);
    for (const { resolve } of works) resolve();
    await Promise.allSettled(runs);
    expect(started).toEqual([0, 1, 2, 3, 4]);
  });

  it("are not held by one who leaves the queue", async () => {
    const slots = new Slots(1);
    const first = Promise.withResolvers<void>();
    const running = slots.run(() => first.promise, signal);
    const leaver = new AbortController();
    const left = slots.run(async () => expect.fail("it ran"), leaver.signal);
    const last = slots.run(async () => "ran", signal);
    leaver.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    first.resolve();
    await running;
    expect(await last).toBe("ran");
  });
});
