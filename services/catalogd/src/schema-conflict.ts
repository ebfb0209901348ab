import type { Column, Manifest, RegisterRequest, SchemaConflictDetails } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";

/** @throws LakehouseError `schema_conflict` with the whole difference in `details` */
export function assertSameSchema(registered: Manifest, offered: RegisterRequest): void {
  if (registered.schema_fingerprint === offered.schema_fingerprint) return;
  const details: SchemaConflictDetails = {
    registered_fingerprint: registered.schema_fingerprint,
    offered_fingerprint: offered.schema_fingerprint,
    ...schemaDifference(registered.columns, offered.columns),
  };
  throw new LakehouseError(
    "schema_conflict",
    `The dataset ${registered.name} has another schema: ${inWords(details) || inWhichOrder(registered, offered)}.`,
    { details },
  );
}

/** By exact column name. All three are empty where the columns differ in their order alone. */
export function schemaDifference(
  registered: readonly Column[],
  offered: readonly Column[],
): Pick<SchemaConflictDetails, "added" | "removed" | "changed"> {
  const before = new Map(registered.map(({ name, type }) => [name, type]));
  const after = new Map(offered.map(({ name, type }) => [name, type]));
  return {
    added: offered.filter(({ name }) => !before.has(name)),
    removed: registered.filter(({ name }) => !after.has(name)),
    changed: registered.flatMap(({ name, type }) => {
      const now = after.get(name);
      return now === undefined || now === type ? [] : [{ name, registered: type, offered: now }];
    }),
  };
}

function inWords({ added, removed, changed }: SchemaConflictDetails): string {
  const parts = [
    ...counted(added.length, "added"),
    ...counted(removed.length, "removed"),
    ...counted(changed.length, "of another type"),
  ];
  return parts.join(", ");
}

/** Of columns that are the same by name and type. A fingerprint of one's own may cover more than they do. */
function inWhichOrder(registered: Manifest, offered: RegisterRequest): string {
  const moved = registered.columns.some(({ name }, position) => offered.columns[position]?.name !== name);
  return moved ? "its columns stand in another order" : "the same columns under another fingerprint";
}

function counted(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? "column" : "columns"} ${what}`];
}
