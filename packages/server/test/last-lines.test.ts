import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const logger = JSON.stringify(new URL("../src/logger.ts", import.meta.url));

test.each(["process.exit(1)", 'throw new Error("a bug")', "process.exitCode = 1"])(
  "what a process logs just before %s is in its log",
  (end) => {
    const script = `const { createLogger } = await import(${logger});
      createLogger("queryd", "info").info("the last word");
      ${end};`;
    const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect([status, stdout]).toEqual([1, expect.stringContaining("the last word")]);
  },
);
