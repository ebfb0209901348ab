import type { DuckDBConnection } from "@duckdb/node-api";
import type { Manifest, QueryDatasets } from "@lakehouse/contracts";
import { LakehouseError, type RequestContext } from "@lakehouse/core";
import type { Logger } from "@lakehouse/server";
import type { Lease, ObjectAccess, ObjectRef } from "../objects/object-access.ts";
import { foldName } from "../sql/fold-name.ts";
import { assertAsRegistered } from "./object-check.ts";
import { createViewSql, dropViewSql, emptyViewSql } from "./view-sql.ts";
import type { Visibility } from "./visibility.ts";

interface DatasetView {
  manifest: Manifest;
  /** What the view was made of; another one makes it anew. */
  signature: string;
  /** declared: columns only, until a query needs the objects. */
  state: "ready" | "declared" | "failed";
  error?: string;
  /** What object access said of the objects when they were last looked at. */
  seen?: string;
  /** Objects that were found to be as the manifest says: by key, in which state. */
  checked: Map<string, string>;
}

interface Dependencies {
  /** The one connection that changes the catalog of the engine. */
  connection: DuckDBConnection;
  access: ObjectAccess;
  logger: Logger;
}

/** Each dataset of the catalog as a view of its name. */
export class DatasetViews {
  readonly #connection: DuckDBConnection;
  readonly #access: ObjectAccess;
  readonly #logger: Logger;
  /** By folded name. */
  readonly #views = new Map<string, DatasetView>();
  /** Grows with every change of what a name stands for. */
  #epoch = 0;
  /** Changes run one after the other. */
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor({ connection, access, logger }: Dependencies) {
    this.#connection = connection;
    this.#access = access;
    this.#logger = logger;
  }

  /** As long as it is the same, a statement means the same. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The dataset of this name, whatever the case, as it is registered. */
  find(name: string, { sees }: Visibility): string | undefined {
    const found = this.#views.get(foldName(name))?.manifest.name;
    return found !== undefined && sees(found) ? found : undefined;
  }

  /** By name. */
  list({ sees }: Visibility): QueryDatasets["datasets"] {
    return [...this.#views.values()]
      .filter(({ manifest }) => sees(manifest.name))
      .map(({ manifest: { name, columns, row_count }, state, error }) => ({
        name,
        columns,
        row_count,
        status: state === "failed" ? ("failed" as const) : ("ready" as const),
        ...(error === undefined ? {} : { error }),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Makes the views those of the manifests: drops first, then creates. What did not change is left alone. */
  apply(manifests: readonly Manifest[]): Promise<void> {
    return this.#change(async () => {
      const wanted = new Map(manifests.map((manifest) => [foldName(manifest.name), manifest]));
      for (const [id, { manifest }] of this.#views) if (!wanted.has(id)) await this.#drop(id, manifest.name);
      for (const [id, manifest] of wanted) await this.#update(id, manifest);
    });
  }

  /** Tries the views again that could not be made. */
  retryFailed(): Promise<void> {
    return this.#change(async () => {
      for (const view of this.#views.values()) if (view.state === "failed") await this.#again(view);
    });
  }

  /**
   * Makes the datasets of a query readable for as long as the lease is held, and begins its transaction on views that are theirs.
   * @param begin takes the snapshot; no view changes meanwhile
   * @returns undefined where a dataset is gone, or changed while its objects were fetched: what is held is not what would be read then
   * @throws LakehouseError `dataset_unavailable` and those of object access
   */
  async hold(names: Iterable<string>, context: RequestContext, begin: () => Promise<void>): Promise<Lease | undefined> {
    const views = this.#usable(names);
    if (views === undefined) return undefined;
    const lease = await this.#leaseOf(views, context);
    try {
      const isHeld = await this.#change(() => this.#beginOn(views, begin));
      if (isHeld) return lease;
    } catch (error) {
      lease.release();
      throw error;
    }
    lease.release();
    return undefined;
  }

  /**
   * The objects alone, for who sees to it that no view changes while it reads.
   * @returns undefined where a dataset is gone
   * @throws LakehouseError `dataset_unavailable` and those of object access
   */
  async lease(names: Iterable<string>, context: RequestContext): Promise<Lease | undefined> {
    const views = this.#usable(names);
    if (views === undefined) return undefined;
    const lease = await this.#leaseOf(views, context);
    if (views.some((view) => this.#isStale(view))) await this.#change(() => this.#lookAgain(views));
    return lease;
  }

  /** All of them or undefined: of a name that is gone the engine would say which others are like it, hidden ones too. */
  #usable(names: Iterable<string>): DatasetView[] | undefined {
    const views = [...names].map((name) => this.#views.get(foldName(name)));
    if (!isComplete(views)) return undefined;
    for (const view of views) if (!this.#isStale(view)) assertUsable(view);
    return views;
  }

  #leaseOf(views: DatasetView[], context: RequestContext): Promise<Lease> {
    const objects = views.flatMap(({ manifest }) => manifest.objects);
    return this.#access.hold(objects, context);
  }

  async #beginOn(views: DatasetView[], begin: () => Promise<void>): Promise<boolean> {
    if (!views.every((view) => this.#views.get(foldName(view.manifest.name)) === view)) return false;
    for (const view of views) if (view.state === "declared") await this.#create(view);
    await this.#lookAgain(views);
    for (const view of views) assertUsable(view);
    await begin();
    return true;
  }

  /** Whether the bytes of its objects are others than those that were looked at. */
  #isStale({ seen, manifest }: DatasetView): boolean {
    return seen !== undefined && seen !== this.#access.stateOf(manifest.objects);
  }

  async #lookAgain(views: DatasetView[]): Promise<void> {
    for (const view of views) if (this.#isStale(view)) await this.#again(view);
  }

  async #drop(id: string, name: string): Promise<void> {
    this.#epoch += 1;
    await this.#connection.run(dropViewSql(name));
    this.#views.delete(id);
  }

  async #update(id: string, manifest: Manifest): Promise<void> {
    const known = this.#views.get(id);
    const signature = signatureOf(manifest);
    if (known?.signature === signature) {
      // The same file that is ingested again may have brought back an object that was gone.
      const mayBeWhole = known.state === "failed" && known.manifest.updated_at !== manifest.updated_at;
      known.manifest = manifest;
      if (mayBeWhole) await this.#again(known);
      return;
    }
    this.#epoch += 1;
    if (known) await this.#connection.run(dropViewSql(known.manifest.name)); // the case of its name may have changed
    const checked = known && hasSameColumns(known.manifest, manifest) ? known.checked : new Map<string, string>();
    const view: DatasetView = { manifest, signature, state: "declared", checked };
    this.#views.set(id, view);
    await (this.#access.onDemand ? this.#declare(view) : this.#create(view));
  }

  async #again(view: DatasetView): Promise<void> {
    this.#epoch += 1;
    await this.#create(view);
  }

  #declare(view: DatasetView): Promise<void> {
    const { name, columns } = view.manifest;
    return this.#attempt(view, "declared", async () => emptyViewSql(name, columns));
  }

  #create(view: DatasetView): Promise<void> {
    return this.#attempt(view, "ready", async () => {
      const { manifest } = view;
      const locations = manifest.objects.map((object) => this.#access.location(object));
      view.seen = this.#access.stateOf(manifest.objects);
      await this.#check(view, locations);
      return createViewSql(manifest, locations);
    });
  }

  /** Only what was not looked at before: a dataset that is appended to has ever more objects. */
  async #check({ manifest, checked }: DatasetView, locations: readonly string[]): Promise<void> {
    const states = manifest.objects.map(
      (object) => `${object.row_count} ${object.size} ${this.#access.stateOf([object])}`,
    );
    const isNew = (key: string, index: number) => checked.get(key) !== states[index];
    const objects = manifest.objects
      .map((object, index) => ({ ...object, location: locations[index]! }))
      .filter(({ key }, index) => isNew(key, index));
    await assertAsRegistered(this.#connection, manifest.columns, objects);
    checked.clear();
    for (const [index, { key }] of manifest.objects.entries()) checked.set(key, states[index]!);
  }

  /** A view that can't be made keeps its error to itself. */
  async #attempt(view: DatasetView, state: "ready" | "declared", sql: () => Promise<string>): Promise<void> {
    try {
      await this.#connection.run(await sql());
      view.state = state;
      delete view.error;
    } catch (error) {
      view.state = "failed";
      view.error = this.#withoutLocations(error as Error, view.manifest);
      this.#logger.warn({ err: error, dataset: view.manifest.name }, "a dataset can't be read");
    }
  }

  /** `… object 1 …`: what is wrong, without where objects are. */
  #withoutLocations({ message }: Error, { objects }: Manifest): string {
    let [text = ""] = message.split("\n", 1);
    const places = objects.map((object, index) => ({
      location: this.#locationOf(object) ?? "",
      name: `object ${index + 1}`,
    }));
    // The longest first: one may be the beginning of another.
    for (const { location, name } of places.sort((a, b) => b.location.length - a.location.length)) {
      if (location === "" || !text.includes(location)) continue;
      for (const quoted of [`"${location}"`, `'${location}'`, location]) text = text.replaceAll(quoted, name);
    }
    const isClean = this.#access.allowedFolders.every((folder) => !text.includes(folder));
    return isClean ? text : "One of its objects can't be read.";
  }

  #locationOf(object: ObjectRef): string | undefined {
    try {
      return this.#access.location(object);
    } catch {
      return undefined; // it has none, which is what is wrong
    }
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const change = this.#lastChange.then(work);
    this.#lastChange = change.catch(() => {}); // whoever asked for it hears of it
    return change;
  }
}

function isComplete(views: (DatasetView | undefined)[]): views is DatasetView[] {
  return !views.includes(undefined);
}

function assertUsable({ manifest, error: reason }: DatasetView): void {
  if (reason === undefined) return;
  throw new LakehouseError("dataset_unavailable", `The dataset ${manifest.name} has objects that can't be read.`, {
    details: { dataset: manifest.name, reason },
  });
}

/** A register that changed nothing of what is read moves `updated_at` alone. */
function signatureOf({ name, columns, objects }: Manifest): string {
  return JSON.stringify([name, columns, objects.map(({ key, size, row_count }) => [key, size, row_count])]);
}

function hasSameColumns(one: Manifest, other: Manifest): boolean {
  return JSON.stringify(one.columns) === JSON.stringify(other.columns);
}
