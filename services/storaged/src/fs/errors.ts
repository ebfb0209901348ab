import { LakehouseError } from "@lakehouse/core";
import { keyConflict, storageFull } from "../objects/storage-errors.ts";

/** No file can be opened under this path, so no object has the key. ELOOP, ENXIO: a symbolic link, a socket or a device. */
const absentCodes = new Set(["ENOENT", "ENOTDIR", "EISDIR", "ELOOP", "ENXIO", "ENAMETOOLONG"]);
const fullCodes = new Set(["ENOSPC", "EDQUOT"]);
const conflictCodes = new Set(["ENOTDIR", "EISDIR", "ENOTEMPTY", "EEXIST", "ELOOP"]);

export function errnoOf(error: unknown): string | undefined {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return syscall === undefined ? undefined : code;
}

export function isAbsent(error: unknown): boolean {
  return absentCodes.has(errnoOf(error) ?? "");
}

/** What the file system refused, in our words; anything that is not its refusal comes back as it is. */
export function toStorageError(error: unknown, key: string): unknown {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  if (conflictCodes.has(errno)) return keyConflict(key, error);
  if (errno === "ENAMETOOLONG")
    return new LakehouseError("invalid_key", "The object key is too long for this store.", { cause: error });
  if (fullCodes.has(errno)) return storageFull(error);
  return refusal(error);
}

export function refusal(error: unknown): LakehouseError {
  const errno = errnoOf(error) ?? "unknown error";
  return new LakehouseError("storage_unavailable", `The store's file system refuses: ${errno}.`, { cause: error });
}
