import { mkdir, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import type { StorageClient } from "@lakehouse/clients";
import { type BucketConfig, type Config, ConfigError, type Logger, loadSecrets } from "@lakehouse/server";
import { Engine } from "./engine/engine.ts";
import type { ObjectAccess, ObjectAccessMode } from "./objects/object-access.ts";
import { CachedObjectAccess } from "./objects/object-access-cache.ts";
import { DirectObjectAccess } from "./objects/object-access-direct.ts";
import { HttpfsObjectAccess } from "./objects/object-access-httpfs.ts";

interface Dependencies {
  config: Config;
  storage: StorageClient;
  logger: Logger;
}

export interface OpenedEngine {
  engine: Engine;
  access: ObjectAccess;
  exportFolder: string;
}

/**
 * Opens the engine with the object access that the configuration asks for; `auto` takes the first that works.
 * @throws ConfigError where the asked-for access does not fit the bucket
 */
export async function openEngine(dependencies: Dependencies): Promise<OpenedEngine> {
  const folders = await prepareTempFolders(dependencies.config.queryd.temp_dir);
  const modes = candidateModes(dependencies.config);
  for (const [index, mode] of modes.entries()) {
    try {
      const access = await openAccess(mode, dependencies);
      const engine = await Engine.open(engineOptions(dependencies.config, access, folders));
      dependencies.logger.info({ object_access: mode }, "object access chosen");
      return { engine, access, exportFolder: folders.exports };
    } catch (error) {
      if (index === modes.length - 1) throw error;
      dependencies.logger.warn(
        { err: error, object_access: mode },
        "this object access does not work; trying the next",
      );
    }
  }
  throw new Error("unreachable: there is always a mode");
}

interface TempFolders {
  spill: string;
  exports: string;
}

/** Empty at every start: what is in them belongs to a process that is gone. */
async function prepareTempFolders(tempDir: string): Promise<TempFolders> {
  const folders = { spill: resolve(tempDir, "spill"), exports: resolve(tempDir, "exports") };
  for (const folder of Object.values(folders)) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
  }
  return folders;
}

function candidateModes({ queryd, storaged }: Config): ObjectAccessMode[] {
  if (queryd.object_access !== "auto") return [queryd.object_access];
  return primaryBucket(storaged).backend === "fs" ? ["direct"] : ["httpfs", "cache"];
}

async function openAccess(mode: ObjectAccessMode, { config, storage }: Dependencies): Promise<ObjectAccess> {
  const { queryd, storaged } = config;
  const bucket = primaryBucket(storaged);
  switch (mode) {
    case "direct":
      if (bucket.backend !== "fs") throw misfit(mode, "an fs bucket");
      return new DirectObjectAccess(storaged.data_dir, bucket.name);
    case "cache":
      return CachedObjectAccess.open({ folder: queryd.cache_dir, bytesMax: queryd.cache_max_bytes, storage });
    case "httpfs":
      if (bucket.backend !== "s3") throw misfit(mode, "an s3 bucket");
      return new HttpfsObjectAccess({
        bucket,
        credentials: takeCredentials(config.secrets.path, bucket.name),
        extensionDirectory: queryd.extension_directory,
        install: queryd.install_extensions,
      });
  }
}

function primaryBucket({ buckets }: Config["storaged"]): BucketConfig {
  const primary = buckets.find(({ name }) => name === "primary");
  if (primary) return primary;
  throw new ConfigError("storaged.buckets has no bucket named primary; queryd reads from that one");
}

function misfit(mode: ObjectAccessMode, wanted: string): ConfigError {
  return new ConfigError(`queryd.object_access is "${mode}"; expects ${wanted} named primary in storaged.buckets`);
}

/** httpfs copies AWS_* of the environment into settings that SQL can read, so nothing of it is left behind. */
function takeCredentials(secretsPath: string, bucket: string) {
  const credentials = loadSecrets(secretsPath).s3(bucket);
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  return credentials;
}

function engineOptions({ queryd }: Config, access: ObjectAccess, { spill, exports }: TempFolders) {
  return {
    memoryLimitBytes: queryd.memory_limit,
    threads: queryd.threads || availableParallelism(),
    spillFolder: spill,
    allowedFolders: [...access.allowedFolders, join(exports, "/")],
    ...(access.prepare ? { prepare: access.prepare.bind(access) } : {}),
  };
}
