import { LakehouseError } from "@lakehouse/core";

const NO_ROOM = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** What a failed write to the spool means to the client; any other error as it is. */
export function spoolError(error: unknown): unknown {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (!NO_ROOM.has(code)) return error;
  return new LakehouseError("spool_full", "The spool folder has no room left; nothing was stored.", { cause: error });
}
