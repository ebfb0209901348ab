import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { S3Credentials } from "./s3-call.ts";

/** Folders of its own: for its data, for what it knows of them, for its accounts. */
interface S3ServerFolders {
  data: string;
  home: string;
  accounts: string;
}

interface S3ServerDescription {
  argumentsOf(address: string, folders: S3ServerFolders): string[];
  environmentOf(credentials: S3Credentials): Record<string, string>;
  /** Answers 200 to anybody once it serves. */
  healthPath: string;
  /** Names of multipart uploads that lie in its data. */
  uploadsIn(data: string): Promise<string[]>;
}

export type S3ServerKind = "minio" | "versitygw";

/** The servers that the S3 tests run on. `scripts/test-tools` builds both. */
export const s3ServerKinds: Record<S3ServerKind, S3ServerDescription> = {
  minio: {
    argumentsOf: (address, { data }) => ["server", "--quiet", "--address", address, data],
    environmentOf: ({ access_key_id, secret_access_key }) => ({
      MINIO_ROOT_USER: access_key_id,
      MINIO_ROOT_PASSWORD: secret_access_key,
      MINIO_BROWSER: "off",
    }),
    healthPath: "/minio/health/cluster",
    uploadsIn: (data) => filesIn(join(data, ".minio.sys", "multipart"), /xl\.meta$/),
  },
  versitygw: {
    // A sidecar folder, since the file system of a temp folder may know no extended attributes.
    argumentsOf: (address, { data, home, accounts }) => [
      ...["--port", address, "--health", "/health", "--quiet", "--iam-dir", accounts],
      ...["posix", "--sidecar", home, data],
    ],
    environmentOf: ({ access_key_id, secret_access_key }) => ({
      ROOT_ACCESS_KEY: access_key_id,
      ROOT_SECRET_KEY: secret_access_key,
    }),
    healthPath: "/health",
    uploadsIn: (data) => filesIn(data, /\.sgwtmp\/multipart\/[^/]+\/[^/]+$/),
  },
};

async function filesIn(folder: string, pattern: RegExp): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries.filter((entry) => pattern.test(entry));
}
