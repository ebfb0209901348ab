import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ServiceName, serviceNames } from "@lakehouse/contracts";
import {
  type FaultProxy,
  findTool,
  type S3Server,
  startFaultProxy,
  startS3Server,
  temporaryFolder,
} from "@lakehouse/testing";
import { fixedPorts, type Lakehouse, startLakehouse } from "../lakehouse.ts";

export type Store = "fs" | "s3";

/** A disk of its own, that can be filled without hurting anybody else's. */
const DISK_BYTES = 2 ** 30;

/** All that is tortured, and what it is tortured with. */
export interface World {
  store: Store;
  lakehouse: Lakehouse;
  /** Before storaged, for all its clients. */
  storagedProxy: FaultProxy;
  /** Before the S3 server. */
  s3Proxy: FaultProxy | undefined;
  s3: S3Server | undefined;
  /** Folder that a disk of its own is mounted on; undefined where that is not allowed here. */
  disk: string | undefined;
}

/** Starts a lakehouse on the store, with proxies between its parts. Everything ends with `opened`. */
export async function openWorld(store: Store, opened: AsyncDisposableStack): Promise<World> {
  const temporary = opened.use(await temporaryFolder());
  const folder = join(temporary.path, "lakehouse");
  mkdirSync(folder);
  const disk = mountDisk(folder, opened);
  const ports = await fixedPorts();
  const storagedProxy = opened.use(await startFaultProxy(`http://127.0.0.1:${ports.storaged}`));
  const s3 = store === "s3" ? await startBucket(opened) : undefined;
  const s3Proxy = s3 && opened.use(await startFaultProxy(s3.endpoint));
  if (s3) writeSecrets(folder, s3);
  const lakehouse = opened.use(
    await startLakehouse({
      ...{ folder, ports, detours: { storaged: storagedProxy.url } },
      config: {
        log: { level: "warn" },
        server: { request_timeout: "10s" },
        gateway: { request_timeout: "20s" },
        storaged: s3Proxy ? { buckets: [bucketAt(s3Proxy.url)] } : {},
        catalogd: { gc_grace: "60s", gc_every: "5s" },
        queryd: { refresh_every: "3s", object_access: store === "s3" ? "cache" : "auto", cache_max_bytes: "16 MiB" },
        vectord: { fold_bytes: "256 KiB", fold_idle: "1s" },
      },
    }),
  );
  return { store, lakehouse, storagedProxy, s3Proxy, s3, disk };
}

async function startBucket(opened: AsyncDisposableStack): Promise<S3Server> {
  const kind = findTool("minio") ? "minio" : "versitygw";
  const server = await startS3Server(kind);
  opened.defer(() => server.close());
  await server.makeBucket("torture");
  return server;
}

function bucketAt(endpoint: string) {
  return { name: "primary", backend: "s3", endpoint, region: "us-east-1", bucket: "torture", path_style: true };
}

function writeSecrets(folder: string, { credentials }: S3Server): void {
  const { access_key_id, secret_access_key } = credentials;
  const table = `[s3.primary]\naccess_key_id = "${access_key_id}"\nsecret_access_key = "${secret_access_key}"\n`;
  writeFileSync(join(folder, "secrets.toml"), table, { mode: 0o600 });
}

function mountDisk(folder: string, opened: AsyncDisposableStack): string | undefined {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return undefined; // only root may; the report says that no disk was filled
  }
  opened.defer(() => void execFileSync("umount", ["--lazy", folder]));
  return folder;
}

/** Lets every fault go. */
export function calm({ storagedProxy, s3Proxy, disk, lakehouse }: World): void {
  for (const proxy of [storagedProxy, s3Proxy]) if (proxy) proxy.decide = () => ({ kind: "pass" });
  if (disk) rmSync(join(disk, "ballast"), { force: true });
  for (const name of serviceNames) if (lakehouse.daemons[name].isRunning) lakehouse.daemons[name].thaw();
}

/** The folder that holds the store's files; undefined where an S3 server does. */
export function objectsFolder({ store, lakehouse }: World): string | undefined {
  return store === "fs" ? join(lakehouse.folder, "objects/primary") : undefined;
}

/** Who must be restarted for what is on disk to be read again. */
export const keepers = {
  manifests: "catalogd",
  vectors: "vectord",
  traces: "pathwayd",
} as const satisfies Record<string, ServiceName>;
