import { z } from "zod";
import type { Caller } from "./access.ts";
import { LakehouseError, type RequestIssue } from "./errors.ts";

/** Dataset and index names: SQL-friendly, and one path segment in a URL or a key. */
export const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** `x-request-id` is taken over from a client only when it looks like this. */
export const requestIdPattern = /^[A-Za-z0-9._-]{1,128}$/;

/** What a request carries from service to service: pass it on to every peer, stop when `signal` aborts. */
export interface RequestContext {
  requestId: string;
  traceparent?: string;
  /** The work that this request is, where traces are on; `traceparent` is then its own. */
  span?: Span;
  signal: AbortSignal;
  /** Who asked, told to every peer; undefined for work that a service does of its own accord. */
  caller?: Caller;
}

/** A piece of work in a trace. */
export interface Span {
  /** What a peer is told of it, as W3C Trace Context has it. */
  readonly traceparent: string;
  /** A call to a peer, as a part of this work. */
  startCall(name: string, attributes: Record<string, string>): Span;
  end(outcome: SpanOutcome): void;
}

/** An answer with its status, or what stands in its place: the code of an error. */
export type SpanOutcome = { status: number } | { error: string };

/** RFC 3339, UTC. */
export const timestampSchema = z.iso.datetime();

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

/**
 * The entries of an object with keys of the user's own. `__proto__` is one like any other: zod's record leaves it out.
 * @param component the name under which the contracts export `valueSchema`
 */
export function entriesOf<T extends z.ZodType>(valueSchema: T, component: string) {
  return z
    .custom<Record<string, z.input<T>>>(isObject, "expected an object")
    .meta({ type: "object", additionalProperties: { $ref: `#/components/schemas/${component}` } })
    .transform((object, { addIssue }) =>
      Object.entries(object).map(([key, value]): [string, z.output<T>] => {
        const { data, error } = valueSchema.safeParse(value);
        for (const { message, path } of error?.issues ?? []) {
          addIssue({ code: "custom", message, path: [key, ...path] });
        }
        return [key, data as z.output<T>];
      }),
    );
}

export function isObject(value: unknown): value is Record<string, never> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const healthSchema = z.object({ status: z.literal("ok"), service: z.string() });

export const readyCheckSchema = z.object({
  status: z.enum(["ok", "degraded", "unavailable"]),
  message: z.string().exactOptional(),
  details: z.unknown().exactOptional(),
});
export type ReadyCheck = z.infer<typeof readyCheckSchema>;

export const readySchema = z.object({
  status: z.enum(["ok", "degraded", "unavailable"]),
  service: z.string(),
  checks: z.record(z.string(), readyCheckSchema),
});
export type Ready = z.infer<typeof readySchema>;

/** The ten daemons in the order in which they start, with their default ports. */
export const servicePorts = {
  storaged: 3211,
  catalogd: 3212,
  ingestd: 3213,
  queryd: 3214,
  vectord: 3215,
  embedd: 3216,
  pathwayd: 3217,
  matrixd: 3218,
  chatd: 3220,
  gateway: 3110,
} as const;
export type ServiceName = keyof typeof servicePorts;
export const serviceNames = Object.keys(servicePorts) as ServiceName[];
