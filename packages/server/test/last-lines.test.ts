import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const logger = JSON.stringify(new URL("../src/telemetry/logger.ts", import.meta.url));

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

test("an error in the log has nothing of what a library put on it", () => {
  const script = `const { createLogger } = await import(${logger});
    const err = Object.assign(new Error("not HTTP"), { code: "HPE_INVALID", data: "Bearer sk-hush" });
    createLogger("queryd", "info").warn({ err }, "said");`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(JSON.parse(stdout)).toMatchObject({ err: { message: "not HTTP", code: "HPE_INVALID" }, msg: "said" });
  expect(stdout).not.toContain("hush");
});
