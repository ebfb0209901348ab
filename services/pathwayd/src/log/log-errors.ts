import { LakehouseError } from "@lakehouse/core";

/** EFBIG: a quota of another kind, by `ulimit -f`. */
const fullCodes = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** What the disk refused, in our words. */
export function toLogError(error: unknown): LakehouseError {
  if (error instanceof LakehouseError) return error;
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  const options = { cause: error };
  if (fullCodes.has(code)) {
    return new LakehouseError("trace_log_full", "The log's disk has no room left; nothing was changed.", options);
  }
  return new LakehouseError(
    "trace_log_unavailable",
    `The log can't be written: ${code}; nothing was changed.`,
    options,
  );
}
