import type { ReadyCheck } from "@lakehouse/contracts";
import type { MemoryCondition } from "./memory-loader.ts";

/** `log`: whether it is read to its end, whole, and can be written. `search`: whether a search is answered at once. */
export function readiness(condition: MemoryCondition): Record<string, ReadyCheck> {
  return { log: logCheck(condition), search: searchCheck(condition) };
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

/** After a start words are indexed for a while. All but searches is served at once meanwhile, so this is no reason to be unavailable. */
function searchCheck(condition: MemoryCondition): ReadyCheck {
  if (condition.state !== "loaded") return { status: "unavailable", message: "There is nothing to search yet." };
  const { unindexed } = condition;
  if (unindexed === 0) return { status: "ok" };
  const message = `The words of ${unindexed} contents are still being indexed; a search waits for them.`;
  return { status: "degraded", message, details: { unindexed } };
}

function loadedCheck({ rejectedLines, isInDoubt }: Extract<MemoryCondition, { state: "loaded" }>): ReadyCheck {
  const messages = [
    ...(rejectedLines > 0 ? [`${rejectedLines} bad lines of the log were set aside; all else is served.`] : []),
    ...(isInDoubt ? ["The last write failed, and what it left can't be cut off yet."] : []),
  ];
  if (messages.length === 0) return { status: "ok" };
  return { status: "degraded", message: messages.join(" "), details: { rejected_lines: rejectedLines } };
}
