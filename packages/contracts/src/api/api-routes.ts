import { catalogRoutes } from "./catalog-routes.ts";
import { chatRoutes } from "./chat-routes.ts";
import { embedRoutes } from "./embed-routes.ts";
import { gatewayRoutes } from "./gateway-routes.ts";
import { ingestRoutes } from "./ingest-routes.ts";
import { matrixRoutes } from "./matrix-routes.ts";
import { pathwayRoutes } from "./pathway-routes.ts";
import { queryRoutes } from "./query-routes.ts";
import type { ApiRoute } from "./route.ts";
import { storageRoutes } from "./storage-routes.ts";
import { vectorRoutes } from "./vector-routes.ts";

export type { ApiRoute, RouteScope } from "./route.ts";

/**
 * Every route that the gateway serves, once: `GET /openapi.json`, docs/api.md and whatever walks the API come from here.
 * scripts/tools/api/api-routes.test.ts holds it against the routes that the services have.
 */
export const apiRoutes: readonly ApiRoute[] = [
  ...gatewayRoutes,
  ...storageRoutes,
  ...catalogRoutes,
  ...ingestRoutes,
  ...queryRoutes,
  ...vectorRoutes,
  ...embedRoutes,
  ...pathwayRoutes,
  ...matrixRoutes,
  ...chatRoutes,
];
