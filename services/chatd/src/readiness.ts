import type { ReadyCheck } from "@lakehouse/contracts";
import type { Chat } from "./chat.ts";

/** A provider that is not there is no reason not to start: others may be, and it may come. One that keeps failing is named. */
export function readiness(chat: Chat): Record<string, ReadyCheck> {
  const { providers, cooling_down: cooling = [] } = chat.providers();
  const checks = providers.map((name): [string, ReadyCheck] => {
    const failing = cooling.find(({ provider }) => provider === name);
    if (!failing) return [name, { status: "ok" }];
    return [name, { status: "degraded", message: `It failed ${failing.failures} times in a row.`, details: failing }];
  });
  return Object.fromEntries(checks);
}
