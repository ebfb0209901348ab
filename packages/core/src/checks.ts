import { namePattern, type RequestIssue } from "@lakehouse/contracts";
import type { z } from "zod";
import { LakehouseError } from "./lakehouse-error.ts";

/** @throws LakehouseError `invalid_name` */
export function assertName(name: string): void {
  if (namePattern.test(name)) return;
  throw new LakehouseError(
    "invalid_name",
    `${JSON.stringify(name.slice(0, 160))} is not a name: 1 to 128 of A-Z a-z 0-9 _ . - with a letter, digit or _ first.`,
  );
}

/**
 * Checks what a client sent against its schema.
 * @throws LakehouseError `invalid_request` with `details` a list of `{path,message}`
 */
export function parseRequest<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details: RequestIssue[] = result.error.issues.map((issue) => ({
    path: issue.path.map(String).join("."),
    message: issue.message,
  }));
  const first = details[0]!;
  throw new LakehouseError("invalid_request", first.path ? `${first.path}: ${first.message}` : first.message, {
    details,
  });
}
