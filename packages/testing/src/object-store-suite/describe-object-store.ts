import { randomUUID } from "node:crypto";
import type { ObjectStore } from "@lakehouse/core";
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
  /** Whether the backend can hold and list such a key at all; none may fail on one that a person would choose. */
  takesKey(key: string): boolean;
}

export interface SuiteOptions {
  takesKey?: (key: string) => boolean;
}

/** The contract of an object store (SPEC §3): every adapter passes it, against its real backend. */
export function describeObjectStore(
  name: string,
  open: () => Promise<OpenedStore>,
  { takesKey = () => true }: SuiteOptions = {},
): void {
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
      takesKey,
    };
    describe("round trips", () => roundTripTests(subject));
    describe("ranges", () => rangeTests(subject));
    describe("conditions", () => conditionTests(subject));
    describe("listing", () => listingTests(subject));
    describe("atomicity", () => atomicityTests(subject));
  });
}
