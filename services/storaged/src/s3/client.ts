import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { type BucketConfig, ConfigError, type S3Credentials } from "@lakehouse/server";
import { signChunks } from "./signed-chunks.ts";

const CONNECT_MS_MAX = 5_000;

export type S3BucketConfig = Extract<BucketConfig, { backend: "s3" }>;

/** Where an object is, as S3's commands name it. */
export interface ObjectPlace {
  Bucket: string;
  Key: string;
}

export interface S3Clients {
  plain: S3Client;
  /** For bodies that come from a client of ours: how slow it is, is not the server's silence. */
  streaming: S3Client;
}

/**
 * @param timeoutMs how long the server may keep silent
 * @throws ConfigError where there are no credentials: the SDK would ask the network for some
 */
export function createS3Clients(
  config: S3BucketConfig,
  credentials: S3Credentials | undefined,
  timeoutMs: number,
): S3Clients {
  const shared = clientConfig(config, credentials);
  const streaming = new S3Client({
    ...shared,
    // Whoever sends the body watches the server.
    requestHandler: { connectionTimeout: CONNECT_MS_MAX, socketTimeout: 0 },
    expectContinueHeader: true,
    logger: silentLogger,
  });
  signChunks(streaming, shared.credentials.secretAccessKey);
  return { plain: createS3Client(config, credentials, timeoutMs), streaming };
}

export function createS3Client(
  config: S3BucketConfig,
  credentials: S3Credentials | undefined,
  timeoutMs: number,
): S3Client {
  return new S3Client({
    ...clientConfig(config, credentials),
    requestHandler: {
      connectionTimeout: CONNECT_MS_MAX,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: timeoutMs,
    },
  });
}

export function callOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** Without one, the SDK tells the console that it does not send a streamed body again. */
const silentLogger = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

function clientConfig(config: S3BucketConfig, credentials: S3Credentials | undefined) {
  if (!credentials) {
    throw new ConfigError(
      `storaged.buckets ${config.name} has no credentials; expects [s3.${config.name}] in secrets.path, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    );
  }
  const { access_key_id, secret_access_key, session_token } = credentials;
  return {
    region: config.region,
    forcePathStyle: config.path_style,
    ...(config.endpoint && { endpoint: config.endpoint }),
    credentials: {
      accessKeyId: access_key_id,
      secretAccessKey: secret_access_key,
      ...(session_token && { sessionToken: session_token }),
    },
    // Checksums beyond the signed SHA-256 are what S3-compatible servers fail on.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  } satisfies S3ClientConfig;
}
