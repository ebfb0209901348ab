import type { Caller } from "@lakehouse/contracts";
import { seesAllDatasets, seesDataset } from "@lakehouse/core";

/** Which datasets exist for one caller. */
export interface Visibility {
  /** Whether every dataset that there can be is seen. */
  isTotal: boolean;
  /** @param name as registered */
  sees(name: string): boolean;
}

/** What the service itself sees. */
export const everything: Visibility = { isTotal: true, sees: () => true };

/** A request without a caller is the service's own work. */
export function visibilityOf(caller: Caller | undefined): Visibility {
  if (caller === undefined || seesAllDatasets(caller)) return everything;
  return { isTotal: false, sees: (name) => seesDataset(caller, name) };
}
