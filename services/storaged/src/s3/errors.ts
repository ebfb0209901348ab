import { LakehouseError } from "@lakehouse/core";
import { keyConflict, keyNotFound, storageFull } from "../objects/storage-errors.ts";

/** Names of S3's errors, and of those that MinIO and VersityGW add where their own disks are folders. */
const absentNames = new Set(["NoSuchKey", "NotFound"]);
const conflictNames = new Set([
  "XMinioParentIsObject",
  "XMinioObjectExistsAsDirectory",
  "ObjectParentIsFile",
  "ExistingObjectIsDirectory",
]);
const fullNames = new Set(["QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"]);
const keyNames = new Set(["KeyTooLongError", "XMinioInvalidObjectName", "XMinioInvalidResourceName"]);

interface ServiceError {
  name: string;
  $metadata: { httpStatusCode?: number };
  $response?: { headers: Partial<Record<string, string>> };
}

/** What an S3 server, or the way to it, refused, in our words; anything else comes back as it is. */
export function toStorageError(error: unknown, key: string): unknown {
  const { name = "", code } = (error ?? {}) as { name?: string; code?: unknown };
  if (error instanceof LakehouseError) return error;
  if (absentNames.has(name)) return keyNotFound(key);
  if (conflictNames.has(name)) return keyConflict(key, error);
  if (fullNames.has(name)) return storageFull(error);
  if (keyNames.has(name))
    return new LakehouseError("invalid_key", "The object store can't hold this key.", { cause: error });
  if (name === "AbortError")
    return new LakehouseError("client_closed_request", "The client went away.", { cause: error });
  return isServiceError(error) || name === "TimeoutError" || typeof code === "string" ? unavailable(error) : error;
}

/** What error codes are; a server that is not S3 can put any text in their place. */
const wordPattern = /^\w{1,64}$/;

/** Says what kind of failure it was. The server's own message stays in the log: it may name accounts and keys. */
export function unavailable(error: unknown): LakehouseError {
  const { name, code } = (error ?? {}) as { name?: string; code?: unknown };
  const status = isServiceError(error) ? error.$metadata.httpStatusCode : undefined;
  const word = [code, name].find((one) => typeof one === "string" && wordPattern.test(one));
  const kind = [status && `HTTP ${status}`, word].filter(Boolean).join(" ");
  return new LakehouseError("storage_unavailable", `The object store can't be reached or refuses us: ${kind}.`, {
    cause: error,
  });
}

/** The heads of a 304; undefined for every other error. */
export function headersOfNotModified(error: unknown): Partial<Record<string, string>> | undefined {
  if (!isServiceError(error) || error.$metadata.httpStatusCode !== 304) return undefined;
  return error.$response?.headers ?? {};
}

/** True if another try would be refused too. */
export function isRefusal(error: unknown): boolean {
  const { httpStatusCode: status = 500 } = isServiceError(error) ? error.$metadata : {};
  return status < 500 && status !== 429;
}

export function isNotImplemented(error: unknown): boolean {
  return isServiceError(error) && error.$metadata.httpStatusCode === 501;
}

export function isPreconditionFailed(error: unknown): boolean {
  return isServiceError(error) && error.$metadata.httpStatusCode === 412;
}

export function isRangeRefused(error: unknown): boolean {
  return isServiceError(error) && error.$metadata.httpStatusCode === 416;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "$metadata" in error;
}
