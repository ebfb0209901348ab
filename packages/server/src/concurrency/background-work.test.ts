import { describe, expect, it } from "vitest";
import { BackgroundWork } from "./background-work.ts";

describe("background work", () => {
  it("is done again until it succeeds, and each failure is told", async () => {
    const work = new BackgroundWork();
    const told: [string, number][] = [];
    let calls = 0;
    const attempt = async () => {
      calls += 1;
      if (calls < 3) throw new Error(`no ${calls}`);
    };
    expect(await work.untilDone(attempt, (error, failures) => told.push([(error as Error).message, failures]))).toBe(
      true,
    );
    expect(told).toEqual([
      ["no 1", 1],
      ["no 2", 2],
    ]);
  });

  it("goes on after a failure, and ends with the service", async () => {
    const work = new BackgroundWork();
    const failures: unknown[] = [];
    const { promise: thrice, resolve } = Promise.withResolvers<void>();
    let calls = 0;
    const fail = async () => {
      calls += 1;
      if (calls === 3) resolve();
      throw calls;
    };
    work.every(1, fail, (error) => failures.push(error));
    await thrice;
    await work.stop();
    const ended = calls;
    expect(failures.slice(0, 2)).toEqual([1, 2]);
    expect(await work.pause(1)).toBe(false);
    expect(calls).toBe(ended);
  });

  it("stops pauses and calls to peers at once, waits for the rest, and tells no failure of the stop itself", async () => {
    const work = new BackgroundWork();
    const failures: unknown[] = [];
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    let ended = false;
    const call = async () => {
      const { signal } = work.context(60_000);
      begin();
      await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    work.every(1, call, (error) => failures.push(error));
    work.start(async () => {
      await work.pause(2 ** 40);
      ended = true;
    });
    await begun;
    await work.stop();
    expect([ended, failures, work.isStopping]).toEqual([true, [], true]);
    expect(
      await work.untilDone(
        async () => {},
        () => {},
      ),
    ).toBe(false);
  });
});
