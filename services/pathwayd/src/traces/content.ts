import { hash } from "node:crypto";
import { LakehouseError } from "@lakehouse/core";
import { canonicalJson } from "./canonical-json.ts";
import { isRawNumber, parseExactly } from "./exact-json.ts";
import { CONTENT_DEPTH_MAX } from "./limits.ts";

/** What a trace says: any JSON. */
export interface Content {
  /** As it is kept and answered. */
  readonly json: string;
  /** Equal for equal JSON only: SHA-256 of the canonical text. */
  readonly digest: string;
}

/** @throws LakehouseError `invalid_request` where objects and lists stand in each other too deep */
export function contentOf(value: unknown): Content {
  assertShallow(value);
  return contentFrom(JSON.stringify(value), value);
}

/** Of content that was checked when it came. */
export function contentFrom(json: string, value = parseExactly(json)): Content {
  return { json, digest: hash("sha256", canonicalJson(value), "base64") };
}

/** Level by level, since a recursion would be what overflows. */
function assertShallow(value: unknown): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > CONTENT_DEPTH_MAX) {
      const message = `expected at most ${CONTENT_DEPTH_MAX} lists and objects within each other`;
      const options = { details: [{ path: "content", message }] };
      throw new LakehouseError("invalid_request", `content: ${message}`, options);
    }
    level = level.filter(isContainer).flatMap((container) => Object.values(container));
  }
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null && !isRawNumber(value);
}
