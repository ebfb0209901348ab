import { datasetGlobPattern, roleNames, roles, scopes } from "@lakehouse/contracts/access";
import { z } from "zod";

/** Names that stand for no token of this list. */
const reservedNames = ["primary", "anonymous", "unauthenticated"];

/** They travel with each request from service to service, in a head of 32 KiB that has the client's own headers too. */
const GLOBS_BYTES_MAX = 16_384;

const storageScopes = ["storage:read", "storage:write", "admin"];

/** RFC 3339, as a text or as TOML's own date and time. */
const moment = z.preprocess(
  (value) => (value instanceof Date ? value.toISOString() : value),
  z.iso.datetime({ offset: true }),
);

/** A table of `[[auth.tokens]]`. */
export const tokenSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/)
      .refine((name) => !reservedNames.includes(name)),
    token: z.string().min(1).exactOptional(),
    token_env: z.string().min(1).exactOptional(),
    role: z.enum(roleNames).exactOptional(),
    scopes: z.array(z.enum(scopes)).min(1).exactOptional(),
    expires_at: moment.exactOptional(),
    datasets: z
      .array(z.string().regex(datasetGlobPattern))
      .min(1)
      .refine((globs) => globs.join().length <= GLOBS_BYTES_MAX, `globs of at most ${GLOBS_BYTES_MAX} bytes together`)
      .default(["*"]),
    requests_per_minute: z.int().positive().exactOptional(),
  })
  .superRefine((token, { addIssue }) => {
    const wrong = (field: string, expected: string) => addIssue({ code: "custom", path: [field], message: expected });
    if ((token.token === undefined) === (token.token_env === undefined)) wrong("token", "either token or token_env");
    if ((token.role === undefined) === (token.scopes === undefined)) wrong("role", "either role or scopes");
    const granted: readonly string[] = token.role === undefined ? (token.scopes ?? []) : roles[token.role];
    if (!token.datasets.includes("*") && storageScopes.some((scope) => granted.includes(scope))) {
      wrong("datasets", 'no limit beside a storage scope, which reads every object; role "agent" has none');
    }
  });
export type TokenConfig = z.output<typeof tokenSchema>;
