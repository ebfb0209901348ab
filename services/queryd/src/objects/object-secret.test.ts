import { DuckDBInstance } from "@duckdb/node-api";
import { expect, it } from "vitest";
import { createObjectSecret } from "./object-secret.ts";

it("credentials that the engine refuses are in no error", async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const error = await createObjectSecret(connection, {
    bucket: { name: "primary", backend: "s3", bucket: "lakehouse", region: "us-east-1", path_style: true },
    // DuckDB reads a statement up to a NUL, and quotes it in its error.
    credentials: { access_key_id: "AKIA-HUSH", secret_access_key: "hush-hush\0hush" },
    scope: "s3://lakehouse/",
  }).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({
    message: "DuckDB does not take the credentials of the bucket lakehouse: Parser Error.",
  });
  expect((error as Error).stack).not.toMatch(/hush/i);
  connection.closeSync();
  instance.closeSync();
});
