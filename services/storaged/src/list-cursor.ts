import { isKey, LakehouseError } from "@lakehouse/core";

/** A cursor is opaque to clients: the last key of the page, so that it stays right whatever is added or removed. */
export function cursorAfter(key: string): string {
  return Buffer.from(key).toString("base64url");
}

/** @throws LakehouseError `invalid_request` for what is not one of our cursors */
export function keyOfCursor(cursor: string): string {
  const key = Buffer.from(cursor, "base64url").toString();
  if (isKey(key) && cursorAfter(key) === cursor) return key;
  throw new LakehouseError("invalid_request", "cursor: is not a next_cursor of a listing.", {
    details: [{ path: "cursor", message: "is not a next_cursor of a listing" }],
  });
}
