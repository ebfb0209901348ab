import { expect, it } from "vitest";
import { IngestSlots } from "./ingest-slots.ts";

it("no more run at once than there are slots, and a failure gives its slot back", async () => {
  const slots = new IngestSlots(2);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const first = slots.run(() => promise);
  const second = slots.run(() => new Promise(() => {}));
  await expect(slots.run(async () => "third")).rejects.toMatchObject({ code: "ingest_busy", retryAfterSeconds: 5 });
  expect(slots.inFlight).toBe(2);
  reject(new Error("broken"));
  await expect(first).rejects.toThrow("broken");
  expect(await slots.run(async () => "third")).toBe("third");
  expect(slots.inFlight).toBe(1);
  expect(second).toBeInstanceOf(Promise);
  resolve("too late");
});
