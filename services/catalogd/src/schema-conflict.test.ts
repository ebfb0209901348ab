import type { Column, Manifest } from "@lakehouse/contracts";
import { expect, test } from "vitest";
import { FINGERPRINT, OTHER_FINGERPRINT, registerRequest } from "../test/requests.ts";
import { nextManifest } from "./next-manifest.ts";
import { assertSameSchema, schemaDifference } from "./schema-conflict.ts";

const id: Column = { name: "id", type: "BIGINT" };
const zip: Column = { name: "zip", type: "VARCHAR" };

test("columns are added, removed or of another type", () => {
  const offered = [
    { name: "id", type: "VARCHAR" },
    { name: "city", type: "VARCHAR" },
  ];
  expect(schemaDifference([id, zip], offered)).toEqual({
    added: [{ name: "city", type: "VARCHAR" }],
    removed: [zip],
    changed: [{ name: "id", registered: "BIGINT", offered: "VARCHAR" }],
  });
});

test("names that differ in case are different columns", () => {
  expect(schemaDifference([id], [{ name: "ID", type: "BIGINT" }])).toMatchObject({ changed: [], removed: [id] });
});

test("a conflict has both fingerprints and the difference, and says it in words", () => {
  const registered: Manifest = nextManifest(undefined, registerRequest("a", [], { columns: [id, zip] }), 0);
  const offered = registerRequest("a", [], { schema_fingerprint: OTHER_FINGERPRINT, columns: [id] });
  expect(() => assertSameSchema(registered, offered)).toThrow(
    expect.objectContaining({
      code: "schema_conflict",
      message: "The dataset a has another schema: 1 column removed.",
      details: {
        registered_fingerprint: FINGERPRINT,
        offered_fingerprint: OTHER_FINGERPRINT,
        added: [],
        removed: [zip],
        changed: [],
      },
    }),
  );
});

test("columns in another order are a conflict without a difference, and the sentence says why", () => {
  const registered: Manifest = nextManifest(undefined, registerRequest("a", [], { columns: [id, zip] }), 0);
  const offered = registerRequest("a", [], { schema_fingerprint: OTHER_FINGERPRINT, columns: [zip, id] });
  expect(() => assertSameSchema(registered, offered)).toThrow("its columns stand in another order");
});

test("the same columns under another fingerprint are not said to have moved", () => {
  const registered: Manifest = nextManifest(undefined, registerRequest("a", [], { columns: [id, zip] }), 0);
  const offered = registerRequest("a", [], { schema_fingerprint: OTHER_FINGERPRINT, columns: [id, zip] });
  expect(() => assertSameSchema(registered, offered)).toThrow("the same columns under another fingerprint");
});
