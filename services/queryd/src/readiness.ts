import type { CatalogClient } from "@lakehouse/clients";
import type { ReadyCheck } from "@lakehouse/contracts";
import { backgroundContext, LakehouseError } from "@lakehouse/core";
import { READY_PROBE_MS_MAX } from "./limits.ts";
import type { ObjectAccess } from "./objects/object-access.ts";
import type { DatasetViews } from "./views/dataset-views.ts";
import { everything } from "./views/visibility.ts";

interface Dependencies {
  catalog: Pick<CatalogClient, "ping">;
  views: DatasetViews;
  access: ObjectAccess;
}

/** `catalogd`: no query runs without it. `datasets`: those that can't be read. `objects`: how objects are read. */
export async function readiness({ catalog, views, access }: Dependencies): Promise<Record<string, ReadyCheck>> {
  return {
    catalogd: await catalogCheck(catalog),
    datasets: datasetsCheck(views),
    objects: { status: "ok", details: { object_access: access.mode } },
  };
}

async function catalogCheck(catalog: Pick<CatalogClient, "ping">): Promise<ReadyCheck> {
  try {
    await catalog.ping(backgroundContext(READY_PROBE_MS_MAX));
    return { status: "ok" };
  } catch (error) {
    const message = error instanceof LakehouseError ? error.message : "catalogd can't be asked.";
    return { status: "unavailable", message };
  }
}

function datasetsCheck(views: DatasetViews): ReadyCheck {
  const failed = views.list(everything).filter(({ status }) => status === "failed");
  if (failed.length === 0) return { status: "ok" };
  const details = failed.map(({ name, error }) => ({ name, error }));
  return { status: "degraded", message: `${failed.length} datasets can't be read; all others are served.`, details };
}
