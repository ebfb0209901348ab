import { LakehouseError } from "@lakehouse/core";

/** The outcome of work that failed, as metrics name it: the code of the error, or `given_up` where its caller left. */
export function outcomeOf(error: unknown, signal?: AbortSignal): string {
  if (error instanceof LakehouseError) return error.code;
  return signal?.aborted ? "given_up" : "internal_error";
}

/**
 * Passes on what becomes of the work.
 * @param count told of its outcome: `ok` with the result, or `outcomeOf` the error
 */
export async function counted<T>(
  work: () => Promise<T>,
  count: (outcome: string, result?: T) => void,
  signal?: AbortSignal,
): Promise<T> {
  try {
    const result = await work();
    count("ok", result);
    return result;
  } catch (error) {
    count(outcomeOf(error, signal));
    throw error;
  }
}
