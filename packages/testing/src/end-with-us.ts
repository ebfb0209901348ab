import type { ChildProcess } from "node:child_process";

/** A test run that is cut short must not leave the processes behind that it started. */
export function endWithUs(child: ChildProcess): void {
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
}
