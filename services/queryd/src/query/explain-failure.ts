import { isLakehouseError, LakehouseError } from "@lakehouse/core";
import { explainEngineError, isOfAnObject } from "../engine/engine-error.ts";
import { findUnreadable } from "./find-unreadable.ts";
import type { Query, QueryDependencies } from "./query.ts";

/** Gives the error that a failed query answers: why it was aborted, the dataset at fault, or the engine's as one of ours. */
export async function explainFailure(
  dependencies: Pick<QueryDependencies, "engine" | "views" | "slots" | "logger" | "objectFolders">,
  { sql, context, reads }: Query,
  error: unknown,
): Promise<unknown> {
  if (context.signal.aborted) return reasonOf(context.signal);
  const explained = explainEngineError(error, { sql, locations: dependencies.objectFolders });
  if (!isOfAnObject(error) || isLakehouseError(explained, "dataset_unavailable")) return explained;
  try {
    return (await findUnreadable(dependencies, reads, context)) ?? explained;
  } catch (failure) {
    dependencies.logger.debug({ err: failure }, "it can't be told whether an object is at fault");
    return explained;
  }
}

function reasonOf({ reason }: AbortSignal): LakehouseError {
  if (reason instanceof LakehouseError) return reason;
  return new LakehouseError("client_closed_request", "The client went away before the answer.", { cause: reason });
}
