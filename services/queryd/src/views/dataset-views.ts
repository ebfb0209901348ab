import type { DuckDBConnection } from "@duckdb/node-api";
import { LakehouseError, type Manifest, type QueryDatasets, type RequestContext } from "@lakehouse/contracts";
import type { Logger } from "@lakehouse/server";
import { foldName } from "../engine/fold-name.ts";
import type { Lease, ObjectAccess } from "../objects/object-access.ts";
import { createViewSql, dropViewSql, emptyViewSql } from "./view-sql.ts";
import type { Visibility } from "./visibility.ts";

interface DatasetView {
  manifest: Manifest;
  /** What the view was made of; another one makes it anew. */
  signature: string;
  /** declared: columns only, until a query needs the objects. */
  state: "ready" | "declared" | "failed";
  error?: string;
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
    return views && this.#leaseOf(views, context);
  }

  /** All of them or undefined: of a name that is gone the engine would say which others are like it, hidden ones too. */
  #usable(names: Iterable<string>): DatasetView[] | undefined {
    const views = [...names].map((name) => this.#views.get(foldName(name)));
    if (!isComplete(views)) return undefined;
    for (const view of views) assertUsable(view);
    return views;
  }

  #leaseOf(views: DatasetView[], context: RequestContext): Promise<Lease> {
    const objects = views.flatMap(({ manifest }) => manifest.objects);
    return this.#access.hold(objects, context);
  }

  async #beginOn(views: DatasetView[], begin: () => Promise<void>): Promise<boolean> {
    if (!views.every((view) => this.#views.get(foldName(view.manifest.name)) === view)) return false;
    for (const view of views) if (view.state === "declared") await this.#create(view);
    for (const view of views) assertUsable(view);
    await begin();
    return true;
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
    const view: DatasetView = { manifest, signature, state: "declared" };
    this.#views.set(id, view);
    await (this.#access.onDemand ? this.#declare(view) : this.#create(view));
  }

  async #again(view: DatasetView): Promise<void> {
    this.#epoch += 1;
    await this.#create(view);
  }

  #declare(view: DatasetView): Promise<void> {
    const { name, columns } = view.manifest;
    return this.#attempt(view, "declared", () => emptyViewSql(name, columns));
  }

  #create(view: DatasetView): Promise<void> {
    const { manifest } = view;
    return this.#attempt(view, "ready", () =>
      createViewSql(
        manifest,
        manifest.objects.map((object) => this.#access.location(object)),
      ),
    );
  }

  /** A view that can't be made keeps its error to itself. */
  async #attempt(view: DatasetView, state: "ready" | "declared", sql: () => string): Promise<void> {
    try {
      await this.#connection.run(sql());
      view.state = state;
      delete view.error;
    } catch (error) {
      view.state = "failed";
      view.error =
        error instanceof LakehouseError ? error.message : this.#withoutLocations(error as Error, view.manifest);
      this.#logger.warn({ err: error, dataset: view.manifest.name }, "a dataset can't be read");
    }
  }

  /** `… "object 1" …`: what is wrong, without where objects are. */
  #withoutLocations({ message }: Error, { objects }: Manifest): string {
    let [text = ""] = message.split("\n", 1);
    for (const [index, object] of objects.entries()) {
      text = text.replaceAll(this.#access.location(object), `object ${index + 1}`);
    }
    const isClean = this.#access.allowedFolders.every((folder) => !text.includes(folder));
    return isClean ? text : "One of its objects can't be read.";
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

function assertUsable({ manifest, state, error }: DatasetView): void {
  if (state !== "failed") return;
  throw new LakehouseError("dataset_unavailable", `The dataset ${manifest.name} has objects that can't be read.`, {
    details: { dataset: manifest.name, reason: error },
  });
}

/** A register that changed nothing of what is read moves `updated_at` alone. */
function signatureOf({ name, columns, objects }: Manifest): string {
  return JSON.stringify([name, columns, objects.map(({ key, size }) => [key, size])]);
}
