import {
  type QueryDatasets,
  queryRequestSchema,
  type ResultFormat,
  resultMediaTypes,
  sqlQuerySchema,
} from "@lakehouse/contracts";
import { parseRequest } from "@lakehouse/core";
import { requestContext } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import { SQL_CHARACTERS_MAX } from "./limits.ts";
import type { QueryMetrics } from "./metrics.ts";
import type { QueryRunner } from "./query/query-runner.ts";
import { negotiateFormat } from "./rendering/result-format.ts";
import type { CatalogWatch } from "./views/catalog-watch.ts";
import type { DatasetViews } from "./views/dataset-views.ts";
import { visibilityOf } from "./views/visibility.ts";

export interface QueryServices {
  runner: QueryRunner;
  views: DatasetViews;
  watch: CatalogWatch;
  metrics: QueryMetrics;
}

const bodySchema = queryRequestSchema.refine(({ sql }) => sql.length <= SQL_CHARACTERS_MAX, {
  path: ["sql"],
  message: `is longer than ${SQL_CHARACTERS_MAX} characters`,
});

export function addRoutes(app: FastifyInstance, { runner, views, watch, metrics }: QueryServices): void {
  app.post("/sql", async (request, reply) => {
    const { format: asked } = parseRequest(sqlQuerySchema, request.query);
    const query = parseRequest(bodySchema, request.body);
    const format = negotiateFormat(asked, request.headers.accept);
    const body = await metrics.count(format, () => runner.run(query, format, requestContext(request, reply)));
    return reply.type(contentTypeOf(format)).header("vary", "accept").send(body);
  });

  app.get("/sql/datasets", async (request, reply): Promise<QueryDatasets> => {
    await watch.refresh();
    return { datasets: views.list(visibilityOf(requestContext(request, reply).caller)) };
  });
}

function contentTypeOf(format: ResultFormat): string {
  const isText = format === "json" || format === "ndjson" || format === "csv";
  return isText ? `${resultMediaTypes[format]}; charset=utf-8` : resultMediaTypes[format];
}
