import { S3Client } from "@aws-sdk/client-s3";
import { type BucketConfig, ConfigError, type S3Credentials } from "@lakehouse/server";

const CONNECT_MS_MAX = 5_000;

export type S3BucketConfig = Extract<BucketConfig, { backend: "s3" }>;

/**
 * @param timeoutMs how long the server may keep silent
 * @throws ConfigError where there are no credentials: the SDK would ask the network for some
 */
export function createS3Client(
  config: S3BucketConfig,
  credentials: S3Credentials | undefined,
  timeoutMs: number,
): S3Client {
  if (!credentials) {
    throw new ConfigError(
      `storaged.buckets ${config.name} has no credentials; expects [s3.${config.name}] in secrets.path, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    );
  }
  const { access_key_id, secret_access_key, session_token } = credentials;
  return new S3Client({
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
    requestHandler: {
      connectionTimeout: CONNECT_MS_MAX,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: timeoutMs,
    },
  });
}
