import type { Manifest } from "@lakehouse/contracts";
import { DATASETS_PREFIX } from "@lakehouse/core";

interface Damage {
  reason: string;
  /** What the manifest lists, or listed when it could last be read. */
  keys: ReadonlySet<string>;
}

/** What the catalog knows. Views over all datasets are made when asked for and kept until something changes. */
export class CatalogState {
  readonly #manifests = new Map<string, Manifest>();
  readonly #damaged = new Map<string, Damage>();
  /** By lower-case name, since SQL ignores case. */
  readonly #holders = new Map<string, string>();
  #list: readonly Manifest[] | undefined;
  #listedKeys: ReadonlySet<string> | undefined;

  manifest(name: string): Manifest | undefined {
    return this.#manifests.get(name);
  }

  /** Why the manifest of this name can't be read; undefined where nothing is wrong. */
  damage(name: string): string | undefined {
    return this.#damaged.get(name)?.reason;
  }

  damaged(): { name: string; reason: string }[] {
    return Array.from(this.#damaged, ([name, { reason }]) => ({ name, reason }));
  }

  /** The name, healthy or damaged, that equals this one but for case. */
  holder(name: string): string | undefined {
    return this.#holders.get(name.toLowerCase());
  }

  get size(): number {
    return this.#manifests.size;
  }

  /** By name. The same array until something changes. */
  list(): readonly Manifest[] {
    this.#list ??= [...this.#manifests.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#list;
  }

  listsKey(key: string): boolean {
    this.#listedKeys ??= new Set(this.list().flatMap(({ objects }) => objects.map(({ key }) => key)));
    return this.#listedKeys.has(key);
  }

  /** Whether a damaged manifest lists the object, or could: nobody knows what one lists that can't be read. */
  damagedMayList(key: string): boolean {
    return this.#damaged
      .entries()
      .some(([name, { keys }]) => keys.has(key) || key.startsWith(`${DATASETS_PREFIX}${name}/`));
  }

  /** A name that differs from another only in case is damage: SQL could not tell the two apart. */
  put(manifest: Manifest): void {
    const { name } = manifest;
    const holder = this.holder(name) ?? name;
    if (holder !== name) {
      this.putDamaged(name, `It differs from ${holder} only in case.`, keysOf(manifest));
      return;
    }
    this.#damaged.delete(name);
    this.#manifests.set(name, manifest);
    this.#changed(name);
  }

  putDamaged(name: string, reason: string, keys: readonly string[] = []): void {
    const before = this.#manifests.get(name);
    const known = before ? keysOf(before) : (this.#damaged.get(name)?.keys ?? []);
    this.#manifests.delete(name);
    this.#damaged.set(name, { reason, keys: new Set([...known, ...keys]) });
    this.#changed(name);
  }

  delete(name: string): void {
    this.#manifests.delete(name);
    this.#damaged.delete(name);
    if (this.holder(name) === name) this.#holders.delete(name.toLowerCase());
    this.#changed(this.damaged().find((other) => other.name.toLowerCase() === name.toLowerCase())?.name);
  }

  #changed(name: string | undefined): void {
    if (name !== undefined && this.holder(name) === undefined) this.#holders.set(name.toLowerCase(), name);
    this.#list = undefined;
    this.#listedKeys = undefined;
  }
}

function keysOf({ objects }: Manifest): string[] {
  return objects.map(({ key }) => key);
}
