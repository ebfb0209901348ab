import type { Caller, Manifest, RegisterRequest, RegisterResult } from "@lakehouse/contracts";
import { LakehouseError, type RequestContext, seesAllDatasets, seesDataset } from "@lakehouse/core";
import { KeyedLock, type Logger } from "@lakehouse/server";
import type { CatalogState } from "./catalog-state.ts";
import type { DatasetObjects } from "./dataset-objects.ts";
import { loadState } from "./load-state.ts";
import { DamagedManifestError, type ManifestStore } from "./manifest-store.ts";
import { nextManifest } from "./next-manifest.ts";
import { ObjectClaims } from "./object-claims.ts";
import { assertRegisterable } from "./register-request.ts";
import { assertSameSchema } from "./schema-conflict.ts";

export interface CatalogDependencies {
  store: ManifestStore;
  objects: DatasetObjects;
  logger: Logger;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** A write or removal that failed, and may have happened all the same. */
interface Doubt {
  name: string;
  /** What the manifest is if it happened; undefined for a removal. */
  attempted: Manifest | undefined;
}

export interface CatalogCondition {
  loaded: boolean;
  damaged: { name: string; reason: string }[];
  /** Names whose last change has an unknown outcome. */
  in_doubt: string[];
}

/**
 * The datasets: served from memory, which changes only after the store has taken the change.
 * Work on one name, in any case, runs one after the other; on different names side by side.
 */
export class Catalog {
  readonly #store: ManifestStore;
  readonly #objects: DatasetObjects;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #locks = new KeyedLock();
  readonly #claims = new ObjectClaims();
  /** By lower-case name. */
  readonly #doubts = new Map<string, Doubt>();
  #loaded: CatalogState | undefined;

  constructor({ store, objects, logger, now = Date.now }: CatalogDependencies) {
    this.#store = store;
    this.#objects = objects;
    this.#logger = logger;
    this.#now = now;
  }

  /** Reads all manifests back. Until it succeeded once, everything else is `not_loaded`. */
  async load(context: RequestContext): Promise<void> {
    const state = await loadState(this.#store, context);
    for (const { name, reason } of state.damaged()) {
      this.#logger.error({ dataset: name, reason }, "a manifest can't be read; it stays where it is");
    }
    this.#logger.info({ datasets: state.list().length }, "catalog loaded");
    this.#loaded = state;
  }

  /** @throws LakehouseError `not_loaded` */
  assertLoaded(): void {
    void this.#state;
  }

  condition(): CatalogCondition {
    const in_doubt = Array.from(this.#doubts.values(), ({ name }) => name);
    return { loaded: this.#loaded !== undefined, damaged: this.#loaded?.damaged() ?? [], in_doubt };
  }

  /** @throws LakehouseError `dataset_not_found`, `manifest_damaged`, `not_loaded` */
  manifest(name: string, caller?: Caller): Manifest {
    const found = seesDataset(caller, name) ? this.#find(name) : undefined;
    return found ?? raiseNotFound(name);
  }

  /**
   * Those that exist for the caller, by name; for one who sees all the same array until something changes.
   * @throws LakehouseError `not_loaded`
   */
  list(caller?: Caller): readonly Manifest[] {
    const all = this.#state.list();
    return seesAllDatasets(caller) ? all : all.filter(({ name }) => seesDataset(caller, name));
  }

  /**
   * @throws LakehouseError `invalid_name`, `invalid_fingerprint`, `invalid_key`, `invalid_type`, `forbidden_dataset`, `name_conflict`,
   *   `schema_conflict`,
   *   `object_missing`, `manifest_damaged`, `not_loaded`, and what keeps the store from taking the manifest; the one
   *   that was registered before is then served as before.
   */
  async register(request: RegisterRequest, context: RequestContext): Promise<RegisterResult> {
    assertRegisterable(request, context.caller);
    const release = await this.#claims.claim(request.objects.map(({ key }) => key));
    try {
      return await this.#exclusively(request.name, context, () => this.#register(request, context));
    } finally {
      release();
    }
  }

  /** @throws LakehouseError `dataset_not_found`, `not_loaded`, and what keeps the store from removing the manifest */
  async delete(name: string, context: RequestContext): Promise<void> {
    await this.#exclusively(name, context, async () => {
      // A damaged manifest can be deleted; that is how its name becomes free again.
      if (!seesDataset(context.caller, name)) raiseNotFound(name);
      if (this.#state.damage(name) === undefined) this.manifest(name);
      await this.#change({ name, attempted: undefined }, () => this.#store.remove(name, context));
    });
  }

  /** Reads again what is damaged or in doubt: it may be mended, or the store back. */
  async recheck(context: RequestContext): Promise<void> {
    const { damaged, in_doubt } = this.condition();
    for (const name of new Set([...damaged.map(({ name }) => name), ...in_doubt])) {
      try {
        await this.#locks.run(name.toLowerCase(), () => this.#reread(name, context));
      } catch (error) {
        this.#logger.debug({ dataset: name, err: error }, "still can't be read"); // as bad as before, and no worse
      }
    }
  }

  /** Whether a manifest lists the object, or one that can't be read, or whose write has an unknown outcome, could. */
  mayList(key: string): boolean {
    if (this.#state.listsKey(key)) return true;
    if (this.#state.damagedMayList(key)) return true;
    const attempted = Array.from(this.#doubts.values(), (doubt) => doubt.attempted?.objects ?? []).flat();
    return attempted.some((object) => object.key === key);
  }

  /**
   * Runs `remove` unless something may list the object or a register of it is under way; one that comes meanwhile waits.
   * @param remove tells whether it removed the object
   */
  async removeUnlisted(key: string, remove: () => Promise<boolean>): Promise<boolean> {
    return !this.mayList(key) && (await this.#claims.remove(key, remove));
  }

  /** @throws LakehouseError `not_loaded` */
  get #state(): CatalogState {
    if (this.#loaded) return this.#loaded;
    throw new LakehouseError("not_loaded", "The catalog is not loaded yet: storaged is out of reach.");
  }

  #find(name: string): Manifest | undefined {
    const reason = this.#state.damage(name);
    if (reason === undefined) return this.#state.manifest(name);
    throw new LakehouseError("manifest_damaged", `The manifest of ${name} is damaged. ${reason}`);
  }

  async #register(request: RegisterRequest, context: RequestContext): Promise<RegisterResult> {
    const current = this.#registered(request.name);
    if (current) assertSameSchema(current, request);
    await this.#assertNotCollected(request, context);
    const manifest = nextManifest(current, request, this.#now());
    await this.#change({ name: request.name, attempted: manifest }, () => this.#store.write(manifest, context));
    return { manifest, existing: current !== undefined };
  }

  #registered(name: string): Manifest | undefined {
    const holder = this.#state.holder(name) ?? name;
    if (holder === name) return this.#find(name);
    const sentence = `${name} differs only in case from the registered ${holder}, and SQL ignores case.`;
    throw new LakehouseError("name_conflict", sentence, { details: { registered: holder } });
  }

  /** A client that uploads an object which exists already can lose it to a collection that was just about to remove it. */
  async #assertNotCollected({ objects }: RegisterRequest, context: RequestContext): Promise<void> {
    for (const { key } of objects.filter(({ key }) => this.#claims.wasRemoved(key))) {
      if (await this.#objects.find(key, context)) this.#claims.forgetRemoval(key);
      else throw new LakehouseError("object_missing", `${key} was just removed as garbage.`, { details: { key } });
    }
  }

  async #exclusively<T>(name: string, context: RequestContext, work: () => Promise<T>): Promise<T> {
    return this.#locks.run(name.toLowerCase(), async () => {
      if (context.signal.aborted) throw new LakehouseError("client_closed_request", "The client has gone.");
      const doubt = this.#doubts.get(name.toLowerCase());
      if (doubt) await this.#reread(doubt.name, context);
      return work();
    });
  }

  /** Durable first, then visible. Where it is unknown whether it became durable, the name is in doubt until it is read again. */
  async #change(change: Doubt, persist: () => Promise<void>): Promise<void> {
    try {
      await persist();
    } catch (error) {
      this.#doubts.set(change.name.toLowerCase(), change);
      throw error;
    }
    if (change.attempted) this.#state.put(change.attempted);
    else this.#state.delete(change.name);
  }

  /** Makes memory what the store has. Only while the name is locked. */
  async #reread(name: string, context: RequestContext): Promise<void> {
    try {
      const found = await this.#store.read(name, context);
      if (found) this.#state.put(found);
      else this.#state.delete(name);
    } catch (error) {
      if (!(error instanceof DamagedManifestError)) throw error;
      this.#state.putDamaged(name, error.message, error.keys);
    }
    if (this.#doubts.delete(name.toLowerCase()))
      this.#logger.warn({ dataset: name }, "a change in doubt was read back");
  }
}

function raiseNotFound(name: string): never {
  throw new LakehouseError("dataset_not_found", `No dataset has the name ${JSON.stringify(name)}.`);
}
