import type { ErrorCode } from "../errors.ts";
import type { ApiRoute } from "./route.ts";

/** Met before a route is reached, on the way to its service, or by a fault of ours. */
const gateErrors = [
  "unauthorized",
  "token_expired",
  "forbidden_ip",
  "forbidden_host",
  "forbidden_origin",
  "forbidden_scope",
  "rate_limited",
] as const satisfies ErrorCode[];
const anywhereErrors = [
  "headers_too_large",
  "expectation_failed",
  "request_timeout",
  "internal_error",
] as const satisfies ErrorCode[];
const forwardingErrors = [
  "upstream_unavailable",
  "upstream_timeout",
  "bad_upstream_answer",
  "shutting_down",
] as const satisfies ErrorCode[];
const bodyErrors = ["invalid_request", "payload_too_large"] as const satisfies ErrorCode[];
const jsonErrors = ["invalid_json", "unsupported_media_type"] as const satisfies ErrorCode[];

/** What a model's provider answers with, whichever of our services asked it. */
export const providerErrors = ["rate_limited", "quota_exhausted", "upstream_error"] as const satisfies ErrorCode[];

/** What keeps a service from writing through storaged. */
export const storeErrors = ["storage_unavailable", "storage_busy", "storage_full"] as const satisfies ErrorCode[];

/** Codes that no route answers: they are about the lack of one, or are seen in logs alone. */
export const errorsWithoutRoute = [
  "route_not_found",
  "method_not_allowed",
  "client_closed_request",
] as const satisfies ErrorCode[];

/** Every code that a client can meet at a route, its own ones first. */
export function errorsOf({ errors, body, query, service, open }: ApiRoute): ErrorCode[] {
  const takesJson = body !== undefined && "application/json" in body.content;
  return [
    ...new Set<ErrorCode>([
      ...errors,
      ...(body ? bodyErrors : []),
      ...(query ? (["invalid_request"] as const) : []),
      ...(takesJson ? jsonErrors : []),
      ...(open ? [] : gateErrors),
      ...anywhereErrors,
      ...(service === "gateway" ? [] : forwardingErrors),
    ]),
  ];
}
