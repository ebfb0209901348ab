import type { z } from "zod";
import type { Scope } from "../access.ts";
import type { ServiceName } from "../common.ts";
import type { ErrorCode } from "../errors.ts";

export const apiMethods = ["GET", "HEAD", "PUT", "POST", "DELETE"] as const;
export type ApiMethod = (typeof apiMethods)[number];

/** What a token needs for a route: a scope, all of several, or merely to be valid. */
export type RouteScope = Scope | readonly Scope[] | "any";

/** A route as users meet it at the gateway. */
export interface ApiRoute {
  method: ApiMethod;
  /** With `{name}` where it is variable: one segment, percent-encoded; `{key}` alone is the rest of the path, slashes and all. */
  path: `/${string}`;
  /** Who answers; the gateway passes the request on without the `/v1`. */
  service: ServiceName;
  /** Also the operation's name in clients that are generated. */
  id: string;
  /** `admin` passes everywhere. */
  scope: RouteScope;
  summary: string;
  description?: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: ApiBody;
  /** What is not an error, by status. */
  answers: Record<number, ApiAnswer>;
  /** Codes beyond those that `errorsOf` gives to every route, and to one with a body or a query. */
  errors: readonly ErrorCode[];
  /** Of a route in another API's shape: how its service writes errors; the gateway's own stay as they are. */
  errorShape?: z.ZodType;
  /** Passes without a token. */
  open?: true;
}

export interface ApiBody {
  required: boolean;
  /** By media type. */
  content: Record<string, ApiContent>;
}

export interface ApiAnswer {
  description: string;
  /** By media type; none where there is no body. */
  content?: Record<string, ApiContent>;
  /** What each header says. */
  headers?: Record<string, string>;
}

export interface ApiContent {
  schema: z.ZodType;
  /** One that a running Lakehouse takes, or gives. */
  example?: unknown;
}
