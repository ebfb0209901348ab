import type { OpenaiError } from "@lakehouse/contracts";
import { isLakehouseError, type LakehouseError } from "@lakehouse/core";
import type { FastifyInstance } from "fastify";
import type { Logger } from "../telemetry/logger.ts";
import { addErrorHandler, errorBody } from "./error-handler.ts";

/** Errors of the routes of this scope, refusals before the handler included, in the shape that OpenAI's clients read. */
export function addOpenaiErrors(scope: FastifyInstance, logger: Logger): void {
  addErrorHandler(scope, logger, openaiErrorBody);
}

/** OpenAI's error; beside it what every error of ours has. */
export function openaiErrorBody(error: LakehouseError, requestId: string): OpenaiError {
  const { error: message, ...rest } = errorBody(error, requestId);
  return { error: { message, type: typeOf(error), param: paramOf(error), code: error.code }, ...rest };
}

function typeOf({ status }: LakehouseError): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

/** The first field that a schema refused. */
function paramOf(error: LakehouseError): string | null {
  return (isLakehouseError(error, "invalid_request") && error.details?.[0]?.path) || null;
}
