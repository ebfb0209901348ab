import { join } from "node:path";
import type { ReadyCheck } from "@lakehouse/contracts";
import { LakehouseError, type ObjectStore } from "@lakehouse/core";
import {
  BackgroundWork,
  type BucketConfig,
  type Config,
  ConfigError,
  type Logger,
  peerCheck,
  type Secrets,
} from "@lakehouse/server";
import type { Registry } from "prom-client";
import { countOperations } from "./counted-object-store.ts";
import { openFsObjectStore } from "./fs/object-store-fs.ts";

/** The bucket of a request that names none. */
const DEFAULT_BUCKET = "primary";
const PING_MS_MAX = 5_000;
/** Leftovers that could not be removed, since an S3 server was out of reach or still took them in, get another chance. */
const SWEEP_EVERY_MS = 300_000;

interface Options {
  /** Read only where a bucket needs credentials. */
  secrets: () => Secrets;
  /** Deadline of a call to an S3 server. */
  timeoutMs: number;
  registry: Registry;
}

/** Opens every bucket of the configuration. An S3 server need not be there yet. */
export async function openBuckets({ buckets, data_dir }: Config["storaged"], options: Options): Promise<Buckets> {
  const counted = countOperations(options.registry);
  const stores = new Map<string, ObjectStore>();
  for (const bucket of buckets) {
    if (stores.has(bucket.name))
      throw new ConfigError(`storaged.buckets has ${bucket.name} twice; expects unique names`);
    stores.set(bucket.name, counted(bucket.name, await openStore(bucket, data_dir, options)));
  }
  return new Buckets(stores);
}

async function openStore(bucket: BucketConfig, dataDir: string, { secrets, timeoutMs }: Options): Promise<ObjectStore> {
  if (bucket.backend === "fs") return openFsObjectStore(dataDir, bucket.name);
  // The AWS SDK is large; who keeps objects in a folder never loads it.
  const { openS3ObjectStore } = await import("./s3/object-store-s3.ts");
  const notesFolder = join(dataDir, ".uploads", bucket.name);
  return openS3ObjectStore(bucket, { credentials: secrets().s3(bucket.name), timeoutMs, notesFolder });
}

/** The registry of named buckets. */
export class Buckets {
  readonly #stores: ReadonlyMap<string, ObjectStore>;
  readonly #sweepEveryMs: number;
  readonly #work = new BackgroundWork();

  constructor(stores: ReadonlyMap<string, ObjectStore>, sweepEveryMs = SWEEP_EVERY_MS) {
    this.#stores = stores;
    this.#sweepEveryMs = sweepEveryMs;
  }

  /** @throws LakehouseError `bucket_not_found` */
  get(name = DEFAULT_BUCKET): ObjectStore {
    const store = this.#stores.get(name);
    if (store) return store;
    throw new LakehouseError("bucket_not_found", `There is no bucket ${JSON.stringify(name)} here.`);
  }

  /** Without the default bucket nothing works; without another one, the rest does. */
  async readiness(): Promise<Record<string, ReadyCheck>> {
    const checks = [...this.#stores].map(
      async ([name, store]) => [`bucket ${name}`, await check(name, store)] as const,
    );
    return Object.fromEntries(await Promise.all(checks));
  }

  /** Sweeps every bucket now, and again and again. An S3 server that is out of reach, or stands still, keeps nothing from starting. */
  startSweeping(logger: Logger): void {
    this.#work.start(async () => {
      do await this.#sweep(logger);
      while (await this.#work.pause(this.#sweepEveryMs));
    });
  }

  async close(): Promise<void> {
    void this.#work.stop(); // not waited for: an S3 server that stands still would hold up the stop
    await Promise.all([...this.#stores.values()].map((store) => store.close()));
  }

  async #sweep(logger: Logger): Promise<void> {
    for (const [bucket, store] of this.#stores) {
      try {
        await store.sweep();
      } catch (error) {
        logger.warn({ err: error, bucket }, "what earlier uploads left could not be swept");
      }
    }
  }
}

function check(name: string, store: ObjectStore): Promise<ReadyCheck> {
  const without = name === DEFAULT_BUCKET ? "unavailable" : "degraded";
  return peerCheck(({ signal }) => store.ping(signal), { without, probeMs: PING_MS_MAX });
}
