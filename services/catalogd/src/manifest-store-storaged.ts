import type { StorageClient, StoredObject } from "@lakehouse/clients";
import type { ErrorCode, Manifest } from "@lakehouse/contracts";
import { isLakehouseError, LakehouseError, type RequestContext } from "@lakehouse/core";
import { Slots } from "@lakehouse/server";
import { DAMAGE_REMEMBERED_MS, MANIFEST_BYTES_MAX, MANIFEST_WRITES_MAX } from "./limits.ts";
import { ManifestDecoder } from "./manifest-decoder.ts";
import { encodeManifest } from "./manifest-parquet.ts";
import { DamagedManifestError, type ManifestStore } from "./manifest-store.ts";

const PREFIX = "_catalog/manifests/";
const SUFFIX = ".parquet";

/** Manifests as Parquet objects `_catalog/manifests/<name>.parquet` behind storaged. */
export class StoragedManifestStore implements ManifestStore {
  readonly #storage: StorageClient;
  readonly #writeMsMax: number;
  readonly #writes = new Slots(MANIFEST_WRITES_MAX);
  readonly #decoder = new ManifestDecoder();
  readonly #damages = new Map<string, { etag: string; error: DamagedManifestError; until: number }>();

  /** @param writeMsMax deadline of one write or removal, retries included */
  constructor(storage: StorageClient, writeMsMax: number) {
    this.#storage = storage;
    this.#writeMsMax = writeMsMax;
  }

  async names(context: RequestContext): Promise<string[]> {
    const names: string[] = [];
    for await (const { key } of this.#storage.list(PREFIX, context)) {
      if (key.endsWith(SUFFIX)) names.push(key.slice(PREFIX.length, -SUFFIX.length));
    }
    return names;
  }

  async read(name: string, context: RequestContext): Promise<Manifest | undefined> {
    const stored = await this.#find(name, context);
    if (stored === undefined) return undefined;
    try {
      this.#assertNotKnownDamaged(name, stored);
      return await this.#decoder.decode(await this.#bytesOf(stored, context), name);
    } catch (error) {
      if (error instanceof DamagedManifestError) this.#remember(name, stored, error);
      throw error;
    } finally {
      stored.body.on("error", () => {}).destroy(); // what is not read to its end is given up, which is an error of its own
    }
  }

  async write(manifest: Manifest, context: RequestContext): Promise<void> {
    const bytes = encodeManifest(manifest);
    assertReadable(bytes.length);
    await this.#change(context, (context) => this.#storage.put(keyOf(manifest.name), bytes, context));
  }

  async remove(name: string, context: RequestContext): Promise<void> {
    await this.#change(context, (context) => this.#storage.delete(keyOf(name), context));
  }

  async ping(context: RequestContext): Promise<void> {
    await this.#storage.ping(context);
  }

  close(): Promise<void> {
    return this.#decoder.close();
  }

  async #find(name: string, context: RequestContext): Promise<StoredObject | undefined> {
    try {
      return await this.#storage.get(keyOf(name), context);
    } catch (error) {
      if (isLakehouseError(error, "key_not_found")) return undefined;
      throw error;
    }
  }

  async #bytesOf({ size, body }: StoredObject, context: RequestContext): Promise<Buffer> {
    if (size <= MANIFEST_BYTES_MAX) return this.#storage.collect(body, context);
    throw new DamagedManifestError(`It has ${size} bytes; a manifest has at most ${MANIFEST_BYTES_MAX}.`);
  }

  /** One that costs much to read is not read again and again as long as its bytes are the same. */
  #assertNotKnownDamaged(name: string, { etag }: StoredObject): void {
    const known = this.#damages.get(name);
    if (known?.etag === etag && Date.now() < known.until) throw known.error;
  }

  #remember(name: string, { etag }: StoredObject, error: DamagedManifestError): void {
    if (this.#damages.get(name)?.error === error) return;
    this.#damages.set(name, { etag, error, until: Date.now() + DAMAGE_REMEMBERED_MS });
  }

  /** A client that goes away must not leave it open whether its change happened: the deadline alone ends a write. */
  async #change(context: RequestContext, work: (context: RequestContext) => Promise<unknown>): Promise<void> {
    try {
      await this.#writes.run(() => work({ ...context, signal: AbortSignal.timeout(this.#writeMsMax) }));
    } catch (error) {
      throw toPersistError(error);
    }
  }
}

/** What is written must be read back. */
function assertReadable(bytes: number): void {
  if (bytes <= MANIFEST_BYTES_MAX) return;
  const sentence = `The manifest has ${bytes} bytes. Register fewer objects, or objects without statistics.`;
  throw new LakehouseError("payload_too_large", sentence, { details: { limit_bytes: MANIFEST_BYTES_MAX } });
}

function keyOf(name: string): string {
  return `${PREFIX}${name}${SUFFIX}`;
}

const persistCodes = new Set<ErrorCode>([
  "upstream_unavailable",
  "upstream_timeout",
  "bad_upstream_answer",
  "storage_busy",
  "storage_full",
  "storage_unavailable",
]);

/** What storaged has against our key or body is nothing that the client of a register could mend. */
function toPersistError(error: unknown): LakehouseError {
  if (error instanceof LakehouseError && persistCodes.has(error.code)) return error;
  return new LakehouseError("storage_unavailable", "The store does not take the manifest.", { cause: error });
}
