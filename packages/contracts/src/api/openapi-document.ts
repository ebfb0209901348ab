import type { z } from "zod";
import { apiRoutes } from "./api-routes.ts";
import { componentSchemas, jsonSchemaOf } from "./components.ts";
import { errorResponses, refusalsOf } from "./error-responses.ts";

import type { ApiAnswer, ApiContent, ApiRoute } from "./route.ts";

type Json = Record<string, unknown>;

const tags: Record<string, string> = {
  gateway: "The one address that users know",
  storaged: "Objects: atomic, durable, on a folder or any S3",
  catalogd: "Datasets: schema, objects, statistics; garbage collection",
  ingestd: "CSV in",
  queryd: "SQL out",
  vectord: "Nearest neighbours",
  embedd: "Texts to vectors",
  pathwayd: "A memory of traces, with their history",
  matrixd: "Retrieval over many corpora, which learns",
  chatd: "One door to every model",
};

/** The API as OpenAPI 3.1 describes it: what `GET /openapi.json` answers. */
export function openApiDocument(version: string): Json {
  return {
    openapi: "3.1.1",
    info: {
      title: "Lakehouse",
      version,
      summary: "Drop CSVs into object storage and, a moment later, run SQL over them.",
      description,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "The gateway." }],
    security: [{ bearer: [] }],
    tags: Object.entries(tags).map(([name, text]) => ({ name, description: text })),
    paths: paths(),
    components: {
      schemas: componentSchemas(),
      responses: errorResponses(),
      headers: { RequestId: requestIdHeader, RetryAfter: retryAfterHeader },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "Where a token is configured; else open." },
      },
    },
  };
}

const description = `Every error is JSON: a sentence for a person, a stable \`code\`, and the request's id, which is in the header
\`x-request-id\` of every answer and in the log of every service that it passed. A path that has no route is 404
\`route_not_found\`; one that has, with another method, is 405 \`method_not_allowed\` with \`Allow\`. Bodies are JSON whatever
Content-Type curl gave them. GET routes answer HEAD too. Where tokens are configured, a route takes those that have its scope
(\`x-lakehouse-scope\`; \`any\`: every valid one), and \`admin\`.`;

const requestIdHeader = { description: "Id of the request.", schema: { type: "string", maxLength: 128 } };
const retryAfterHeader = { description: "Seconds to wait before asking again.", schema: { type: "integer" } };

function paths(): Json {
  const items: Record<string, Json> = {};
  for (const route of apiRoutes) {
    items[route.path] ??= {};
    items[route.path]![route.method.toLowerCase()] = operation(route);
  }
  return items;
}

function operation(route: ApiRoute): Json {
  const { id, service, summary, description: text, params, query, headers, body, open, scope } = route;
  const parameters = [
    ...parametersIn("path", params),
    ...parametersIn("query", query),
    ...parametersIn("header", headers),
  ];
  return {
    operationId: id,
    tags: [service],
    summary,
    ...(text && { description: text }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: body.required, content: content(body.content) } }),
    responses: { ...successes(route), ...refusalsOf(route) },
    security: open ? [] : [{ bearer: scope === "any" ? [] : [scope].flat() }],
    "x-lakehouse-scope": [scope].flat().join(" "),
  };
}

function parametersIn(place: "path" | "query" | "header", schema: z.ZodObject | undefined): Json[] {
  if (!schema) return [];
  const { properties, required = [] } = jsonSchemaOf(schema) as {
    properties: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description: text, ...rest }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(text !== undefined && { description: text }),
    schema: rest,
  }));
}

function content(byMediaType: Record<string, ApiContent>): Json {
  const entries = Object.entries(byMediaType).map(([mediaType, { schema, example }]) => [
    mediaType,
    { schema: jsonSchemaOf(schema), ...(example === undefined ? {} : { example }) },
  ]);
  return Object.fromEntries(entries);
}

function successes({ answers }: ApiRoute): Json {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, success(answer)]));
}

function success({ description: text, content: byMediaType, headers = {} }: ApiAnswer): Json {
  const told = Object.entries(headers).map(([name, about]) => [
    name,
    { description: about, schema: { type: "string" } },
  ]);
  return {
    description: text,
    headers: { "x-request-id": { $ref: "#/components/headers/RequestId" }, ...Object.fromEntries(told) },
    ...(byMediaType && { content: content(byMediaType) }),
  };
}
