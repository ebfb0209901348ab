import type { ReadyCheck } from "@lakehouse/contracts";
import type { MemoryCondition } from "./memory-loader.ts";

/** `log`: whether it is read to its end, whole, and can be written. */
export function readiness(condition: MemoryCondition): Record<string, ReadyCheck> {
  return { log: logCheck(condition) };
}

function logCheck(condition: MemoryCondition): ReadyCheck {
  switch (condition.state) {
    case "loading":
      return { status: "unavailable", message: "The log is not read to its end yet." };
    case "failed":
      return { status: "unavailable", message: `The log can't be read: ${condition.reason}` };
    case "loaded":
      return loadedCheck(condition);
  }
}

function loadedCheck({ rejectedLines, isInDoubt }: Extract<MemoryCondition, { state: "loaded" }>): ReadyCheck {
  const messages = [
    ...(rejectedLines > 0 ? [`${rejectedLines} bad lines of the log were set aside; all else is served.`] : []),
    ...(isInDoubt ? ["The last write failed, and what it left can't be cut off yet."] : []),
  ];
  if (messages.length === 0) return { status: "ok" };
  return { status: "degraded", message: messages.join(" "), details: { rejected_lines: rejectedLines } };
}
