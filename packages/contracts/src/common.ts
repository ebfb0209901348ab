import { z } from "zod";

/** Dataset and index names: SQL-friendly, and one path segment in a URL or a key. */
export const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** `x-request-id` is taken over from a client only when it looks like this. */
export const requestIdPattern = /^[A-Za-z0-9._-]{1,128}$/;

/** RFC 3339, UTC. */
export const timestampSchema = z.iso.datetime();

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
