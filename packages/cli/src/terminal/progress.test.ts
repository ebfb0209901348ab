import type { WriteStream } from "node:tty";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openProgress } from "./progress.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

const MiB = 2 ** 20;

/** Lines that an upload of 1 MiB a second writes. */
function written(name: string, seconds: number, total: number | undefined, terminal: Partial<WriteStream>): string[] {
  const lines: string[] = [];
  const write = (text: string) => lines.push(text) > 0;
  const progress = openProgress(name, total, { ...terminal, write } as unknown as WriteStream);
  for (let second = 1; second <= seconds; second++) {
    vi.advanceTimersByTime(1_000);
    progress.add(MiB);
  }
  progress.end();
  return lines;
}

it("writes a plain line now and then where there is no terminal", () => {
  expect(written("a.csv", 25, 100 * MiB, {})).toEqual([
    "a.csv:  10 %  10.0 MiB of 100 MiB  1.0 MiB/s  1:30 min left\n",
    "a.csv:  20 %  20.0 MiB of 100 MiB  1.0 MiB/s  1:20 min left\n",
  ]);
  expect(written("standard input", 10, undefined, {})).toEqual(["standard input: 10.0 MiB  1.0 MiB/s\n"]);
});

it.each([20, 40, 80, 200])("never fills more than a line of %i columns", (columns) => {
  for (const line of written("日本.csv", 3, 3 * MiB, { isTTY: true, columns })) {
    expect([...line.replace("\r\u001b[K", "")].length).toBeLessThan(columns);
  }
});
