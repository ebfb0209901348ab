import type { LakehouseError } from "@lakehouse/core";
import { expect, it } from "vitest";
import { CALLS_MAX, FAILURES_MAX } from "./limits.ts";
import { ProviderDoor } from "./provider-door.ts";
import type { ChatProvider } from "./providers/chat-provider.ts";

const open = () => new ProviderDoor({ name: "kimi" } as ChatProvider);

/** The error with which it refuses. */
function refusal(door: ProviderDoor): LakehouseError | undefined {
  try {
    door.enter();
    return undefined;
  } catch (error) {
    return error as LakehouseError;
  }
}

it("lets so many calls in at once, and the next when one has left, however it did", () => {
  const door = open();
  for (let count = 0; count < CALLS_MAX; count++) door.enter();
  expect(refusal(door)).toMatchObject({
    code: "provider_busy",
    status: 503,
    retryAfterSeconds: 1,
    details: { provider: "kimi" },
  });
  for (const outcome of ["answered", "given_up", { error: new Error("oops") }] as const) {
    door.leave(outcome);
    expect(refusal(door)).toBeUndefined();
  }
  expect(door.underWay).toBe(CALLS_MAX);
});

it("counts failures alone: a client that leaves says nothing of the provider", () => {
  const door = open();
  for (let count = 0; count < FAILURES_MAX * 2; count++) {
    door.enter();
    door.leave(count % 2 === 0 ? "given_up" : { error: new Error("oops") });
  }
  expect(door.coolingDown).toMatchObject({ failures: FAILURES_MAX });
  expect(refusal(door)).toMatchObject({ code: "upstream_unavailable", status: 502, details: { provider: "kimi" } });
});
