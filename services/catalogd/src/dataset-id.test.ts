import { expect, test } from "vitest";
import { datasetId, uuidV5 } from "./dataset-id.ts";

test("UUIDv5 agrees with the vectors of RFC 9562 and of Python's uuid module", () => {
  const dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  expect(uuidV5(dns, "www.example.com")).toBe("2ed6657d-e927-568b-95e1-2665a8aea6a2");
  expect(uuidV5(dns, "python.org")).toBe("886313e1-3b8a-5372-9b90-0c9aee199e5d");
});

test("a dataset has the same id on any box", () => {
  // python3 -c 'import uuid; print(uuid.uuid5(uuid.UUID("a8f3c1d2-4e5b-5a6c-9d8e-7f0a1b2c3d4e"), "workers"))'
  expect(datasetId("workers")).toBe("4ee908eb-05e4-5c26-a4ad-4ca54bb01062");
  expect(datasetId("Workers")).not.toBe(datasetId("workers"));
});
