import { randomUUID } from "node:crypto";
import type { ObjectStore } from "@lakehouse/contracts";
import { afterAll, beforeAll, describe } from "vitest";
import { atomicityTests } from "./atomicity.ts";
import { conditionTests } from "./conditions.ts";
import { listingTests } from "./listing.ts";
import { rangeTests } from "./ranges.ts";
import { roundTripTests } from "./round-trips.ts";

export interface OpenedStore {
  store: ObjectStore;
  /** What the backend keeps of uploads that did not finish: names of temp files, ids of multipart uploads. */
  leftovers(): Promise<string[]>;
  /** Closes the store and removes all that it holds. */
  close(): Promise<void>;
}

/** What the tests of a section work with. */
export interface StoreUnderTest {
  store(): ObjectStore;
  leftovers(): Promise<string[]>;
  /** A prefix that no other test has, so that tests can share a bucket. */
  freshPrefix(): string;
}

/** The contract of an object store (SPEC §3): every adapter passes it, against its real backend. */
export function describeObjectStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(`object store on ${name}`, () => {
    let opened: OpenedStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => {
      await opened.close();
    });
    const subject: StoreUnderTest = {
      store: () => opened.store,
      leftovers: () => opened.leftovers(),
      freshPrefix: () => `${randomUUID()}/`,
    };
    describe("round trips", () => roundTripTests(subject));
    describe("ranges", () => rangeTests(subject));
    describe("conditions", () => conditionTests(subject));
    describe("listing", () => listingTests(subject));
    describe("atomicity", () => atomicityTests(subject));
  });
}
