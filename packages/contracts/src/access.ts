import { z } from "zod";

/** What a token may do. Each route of the API table names the scope that it needs. */
export const scopes = [
  "sql",
  "catalog:read",
  "catalog:write",
  "ingest",
  "storage:read",
  "storage:write",
  "vectors:read",
  "vectors:write",
  "memory:read",
  "memory:write",
  "embed",
  "chat",
  "observe",
  "status",
  "admin",
] as const;
export type Scope = (typeof scopes)[number];

export const roleNames = ["reader", "agent", "writer", "admin"] as const;
export type Role = (typeof roleNames)[number];

const agent: readonly Scope[] = [
  "sql",
  "catalog:read",
  "vectors:read",
  "memory:read",
  "memory:write",
  "embed",
  "chat",
  "status",
];

/** Usual sets of scopes, by name. */
export const roles: Record<Role, readonly Scope[]> = {
  reader: ["sql", "catalog:read", "storage:read", "vectors:read", "memory:read", "embed", "status"],
  agent,
  writer: [...agent, "storage:read", "ingest", "catalog:write", "storage:write", "vectors:write", "observe"],
  admin: scopes,
};

/** The caller of a request, as the services know it. */
export interface Caller {
  /** The token's name; `primary` and `anonymous` are ours. */
  name: string;
  /** All of them where `admin` is among them. */
  scopes: readonly Scope[];
  /** Globs of dataset names, where `*` stands for any characters; compared without regard to case. */
  datasets: readonly string[];
}

/** The answer of `GET /v1/whoami`. */
export const whoamiSchema = z.object({
  name: z.string(),
  role: z.enum(roleNames).nullable(),
  scopes: z.array(z.enum(scopes)),
  datasets: z.array(z.string()),
  expires_at: z.iso.datetime({ offset: true }).nullable(),
});
export type Whoami = z.infer<typeof whoamiSchema>;

/** The header by which a service tells its peers who asked; believed only beside the services' own token. */
export const callerHeader = "x-lakehouse-caller";

/**
 * The value of that header: JSON in ASCII. A scope that is missing or unknown grants nothing: were the header refused for it, a
 * peer of another version would pass for a service that acts of its own accord, and see all.
 */
export const callerSchema = z.object({
  name: z.string(),
  scopes: z
    .array(z.string())
    .default([])
    .transform((named) => scopes.filter((scope) => named.includes(scope))),
  datasets: z.array(z.string()),
});

/** What a dataset's glob may be: the characters of a name, and `*`. */
export const datasetGlobPattern = /^[A-Za-z0-9_.*-]{1,128}$/;
