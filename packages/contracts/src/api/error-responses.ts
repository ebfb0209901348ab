import type { z } from "zod";
import { errorBodySchema } from "../error-body.ts";
import { type ErrorCode, type ErrorRow, errorTable } from "../errors.ts";
import { apiRoutes } from "./api-routes.ts";
import { type JsonSchema, jsonSchemaOf } from "./components.ts";
import { errorsOf } from "./errors.ts";
import type { ApiRoute } from "./route.ts";

type Json = Record<string, unknown>;

/** Those whose `Retry-After` says when to ask again. */
const retryStatuses = new Set<number>([429, 503]);

/** Sets of codes that several routes have for one status, by name. */
const shared = sharedSets();

/** A route's refusals: one response a status, which names the codes that it can carry. */
export function refusalsOf(route: ApiRoute): Json {
  const entries = [...codesByStatus(route)].map(([status, codes]) => [status, refusal(codes, route.errorShape)]);
  return Object.fromEntries(entries);
}

/** A response for every code of the error table, and for every set of codes that several routes share. */
export function errorResponses(): Json {
  const single = Object.keys(errorTable).map((code) => [code as ErrorCode]);
  return Object.fromEntries([...single, ...shared.values()].map((codes) => [nameOf(codes), described(codes)]));
}

function codesByStatus(route: ApiRoute): Map<number, ErrorCode[]> {
  const byStatus = Map.groupBy(errorsOf(route), (code): number => errorTable[code].status);
  return new Map([...byStatus].sort(([a], [b]) => a - b).map(([status, codes]) => [status, codes.toSorted()]));
}

function sharedSets(): Map<string, ErrorCode[]> {
  const all = apiRoutes.flatMap((route) => [...codesByStatus(route).values()]);
  const byName = Map.groupBy(all, nameOf);
  return new Map([...byName].filter(([, uses]) => uses.length > 1).map(([name, [codes]]) => [name, codes!]));
}

function refusal(codes: ErrorCode[], shape: z.ZodType | undefined): Json {
  const name = nameOf(codes);
  const isShared = codes.length === 1 || shared.has(name);
  return isShared && !shape ? { $ref: `#/components/responses/${name}` } : described(codes, shape);
}

function nameOf(codes: ErrorCode[]): string {
  return codes.join(".");
}

function described(codes: ErrorCode[], shape?: z.ZodType): Json {
  const { status } = errorTable[codes[0]!];
  return {
    description: codes.map((code) => `\`${code}\`: ${errorTable[code].meaning}`).join("\n\n"),
    headers: {
      "x-request-id": { $ref: "#/components/headers/RequestId" },
      ...(retryStatuses.has(status) && { "retry-after": { $ref: "#/components/headers/RetryAfter" } }),
    },
    content: { "application/json": { schema: errorSchema(codes, shape) } },
  };
}

/** In another API's shape where the service answers, in ours where the gateway does. */
function errorSchema(codes: ErrorCode[], shape: z.ZodType | undefined): JsonSchema {
  const ours = jsonSchemaOf(errorBodySchema);
  const body = shape ? { anyOf: [jsonSchemaOf(shape), ours] } : ours;
  return { allOf: [body, { properties: { code: { enum: codes }, ...detailsOf(codes) } }] };
}

/** The shapes that `details` can have; nothing where one of the codes has none in the table. */
function detailsOf(codes: ErrorCode[]): { details?: JsonSchema } {
  const rows = codes.map((code): ErrorRow => errorTable[code]);
  const shapes = rows.flatMap(({ details }) => (details ? [JSON.stringify(jsonSchemaOf(details))] : []));
  if (shapes.length < codes.length) return {};
  const [first, ...others]: JsonSchema[] = [...new Set(shapes)].map((text) => JSON.parse(text));
  return { details: others.length === 0 ? first! : { anyOf: [first, ...others] } };
}
