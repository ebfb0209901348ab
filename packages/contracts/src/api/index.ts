export { apiRoutes } from "./api-routes.ts";
export { errorsOf, errorsWithoutRoute } from "./errors.ts";
export { openApiDocument } from "./openapi-document.ts";
export { type ApiAnswer, type ApiBody, type ApiContent, type ApiMethod, type ApiRoute, apiMethods } from "./route.ts";
