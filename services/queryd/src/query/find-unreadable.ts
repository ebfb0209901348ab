import { isLakehouseError, LakehouseError, type RequestContext } from "@lakehouse/core";
import { isOfAnObject } from "../engine/engine-error.ts";
import { openSession } from "../session/query-session.ts";
import { identifier } from "../sql/sql-quoting.ts";
import type { QueryDependencies } from "./query.ts";

type Dependencies = Pick<QueryDependencies, "engine" | "views" | "slots">;

/**
 * Reads the datasets of a query whose error leaves open whether the statement or an object is at fault: the engine does not
 * name the file where a page of it can't be decoded.
 * @returns `dataset_unavailable` for the first that can't be read to its end; undefined where all can
 */
export async function findUnreadable(
  dependencies: Dependencies,
  names: Iterable<string>,
  context: RequestContext,
): Promise<LakehouseError | undefined> {
  for (const name of names) {
    try {
      await readAll(dependencies, name, context);
    } catch (error) {
      if (isOfAnObject(error)) return unreadable(name, error);
      if (isLakehouseError(error, "dataset_unavailable")) return error;
      throw error;
    }
  }
  return undefined;
}

/** Every value is decoded for its hash. */
async function readAll({ engine, views, slots }: Dependencies, name: string, context: RequestContext): Promise<void> {
  await using session = await openSession(engine, slots, context.signal);
  const lease = await views.hold([name], context, () => session.begin());
  if (lease === undefined) return; // replaced meanwhile: what was read is not what is there
  session.defer(() => lease.release());
  await session.connection.run(`SELECT bit_xor(hash(COLUMNS(*))) FROM main.${identifier(name)}`);
}

function unreadable(dataset: string, cause: unknown): LakehouseError {
  const reason = "A page of one of its objects can't be decoded.";
  const sentence = `The dataset ${dataset} has objects that can't be read.`;
  return new LakehouseError("dataset_unavailable", sentence, { details: { dataset, reason }, cause });
}
