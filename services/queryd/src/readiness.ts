import type { CatalogClient } from "@lakehouse/clients";
import type { ReadyCheck } from "@lakehouse/contracts";
import { peerCheck } from "@lakehouse/server";
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
    catalogd: await peerCheck((context) => catalog.ping(context)),
    datasets: datasetsCheck(views),
    objects: { status: "ok", details: { object_access: access.mode } },
  };
}

function datasetsCheck(views: DatasetViews): ReadyCheck {
  const failed = views.list(everything).filter(({ status }) => status === "failed");
  if (failed.length === 0) return { status: "ok" };
  const details = failed.map(({ name, error }) => ({ name, error }));
  return { status: "degraded", message: `${failed.length} datasets can't be read; all others are served.`, details };
}
