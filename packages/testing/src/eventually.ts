import { setTimeout as delay } from "node:timers/promises";

const POLL_EVERY_MS = 10;

/**
 * Polls for a state instead of sleeping: until `check` returns something truthy without throwing.
 * @param state what is waited for, in words; it names the failure
 * @throws Error when it does not come within `timeoutMs`; its cause is what `check` threw last
 */
export async function eventually<T>(
  state: string,
  check: () => T | Promise<T>,
  timeoutMs = 60_000,
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  while (performance.now() < deadline) {
    try {
      const value = await check();
      if (value) return value as Exclude<T, undefined | null | false>;
    } catch (error) {
      cause = error;
    }
    await delay(POLL_EVERY_MS);
  }
  throw new Error(`Waited ${timeoutMs} ms in vain: ${state}.`, { cause });
}
