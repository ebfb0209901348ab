import { LakehouseError } from "@lakehouse/core";
import { stdSerializers } from "pino";

/** What Node says of a failed system call, the AWS SDK and undici of a failed request. */
const safeFields = ["code", "errno", "syscall", "address", "port", "path"] as const;

/**
 * An error as a log line shows it: type, message and stack with those of its causes, and a few fields that are known. Libraries put more
 * on their errors: undici the bytes that were not HTTP, an exporter the collector's answer, the AWS SDK what the server sent. That is
 * somebody else's text, and may repeat a credential or what was asked.
 */
export function loggedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message, stack, ...fieldsOf(error) };
}

function fieldsOf(error: Error): object {
  if (error instanceof LakehouseError) {
    const { code, details, retryAfterSeconds } = error;
    return { code, details, retryAfterSeconds };
  }
  const given = error as Error & Record<string, unknown>;
  const isPlain = (value: unknown) => typeof value === "string" || typeof value === "number";
  return Object.fromEntries(safeFields.flatMap((field) => (isPlain(given[field]) ? [[field, given[field]]] : [])));
}
