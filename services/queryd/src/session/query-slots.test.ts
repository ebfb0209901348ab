import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { QUEUE_PER_SLOT, QUEUE_WAIT_MS_MAX } from "./limits.ts";
import { QuerySlots } from "./query-slots.ts";

const { signal } = new AbortController();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("as many as there are slots run; the rest waits in order", async () => {
  const slots = new QuerySlots(2);
  const leave = [await slots.enter(signal), await slots.enter(signal)];
  const order: number[] = [];
  const waiting = [1, 2].map(async (n) => {
    await slots.enter(signal);
    order.push(n);
  });
  expect([slots.running, slots.waiting]).toEqual([2, 2]);
  for (const one of leave) one();
  await Promise.all(waiting);
  expect([order, slots.running, slots.waiting]).toEqual([[1, 2], 2, 0]);
});

test("a slot is given back once, however often it is left", async () => {
  const slots = new QuerySlots(2);
  const leave = await slots.enter(signal);
  await slots.enter(signal);
  leave();
  leave();
  expect(slots.running).toBe(1);
});

test("a full queue sheds at once", async () => {
  const slots = new QuerySlots(1);
  await slots.enter(signal);
  for (let i = 0; i < QUEUE_PER_SLOT; i++) void slots.enter(signal);
  await expect(slots.enter(signal)).rejects.toMatchObject({ code: "query_busy", retryAfterSeconds: 1 });
});

test("who has waited long enough is shed, and takes no slot later", async () => {
  const slots = new QuerySlots(1);
  const leave = await slots.enter(signal);
  const waiting = expect(slots.enter(signal)).rejects.toMatchObject({ code: "query_busy" });
  vi.advanceTimersByTime(QUEUE_WAIT_MS_MAX);
  await waiting;
  leave();
  expect([slots.running, slots.waiting]).toEqual([0, 0]);
});

test("who goes away leaves the queue", async () => {
  const slots = new QuerySlots(1);
  const leave = await slots.enter(signal);
  const leaving = new AbortController();
  const gone = expect(slots.enter(leaving.signal)).rejects.toThrow("left");
  const stays = slots.enter(signal);
  leaving.abort(new Error("left"));
  await gone;
  expect(slots.waiting).toBe(1);
  leave();
  await stays;
  expect([slots.running, slots.waiting]).toEqual([1, 0]);
});
