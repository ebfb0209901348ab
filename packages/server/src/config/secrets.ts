import { parse as parseToml } from "smol-toml";
import { z } from "zod";
import { ConfigError } from "./config.ts";
import { readPrivateFile } from "./private-file.ts";

const credentialsSchema = z.strictObject({
  access_key_id: z.string().min(1),
  secret_access_key: z.string().min(1),
  session_token: z.string().min(1).exactOptional(),
});
export type S3Credentials = z.infer<typeof credentialsSchema>;

const secretsSchema = z.strictObject({ s3: z.record(z.string(), credentialsSchema).default({}) });

export interface Secrets {
  /** By bucket name. A bucket without a table takes the usual `AWS_*` environment. */
  s3(bucket: string): S3Credentials | undefined;
}

/**
 * Reads `[secrets].path`. A file that is not there is no secrets; one that others can read is refused.
 * @throws ConfigError naming the file, never its content
 */
export function loadSecrets(path: string, environment: NodeJS.ProcessEnv = process.env): Secrets {
  const { s3 } = readSecrets(path);
  return { s3: (bucket) => (Object.hasOwn(s3, bucket) ? s3[bucket] : credentialsFrom(environment)) };
}

function readSecrets(path: string): z.infer<typeof secretsSchema> {
  const text = readPrivateFile("secrets.path", path);
  if (text === undefined) return { s3: {} };
  const result = secretsSchema.safeParse(parseSecrets(path, text));
  if (result.success) return result.data;
  const where = result.error.issues[0]?.path.join(".");
  throw new ConfigError(
    `secrets.path ${path} is not valid at ${where || "its top"}; expects [s3.<bucket>] access_key_id, secret_access_key`,
  );
}

function parseSecrets(path: string, text: string): unknown {
  try {
    return parseToml(text);
  } catch {
    // The parser's own message quotes the line, which may hold a secret.
    throw new ConfigError(`secrets.path ${path} can't be read as TOML`);
  }
}

function credentialsFrom(environment: NodeJS.ProcessEnv): S3Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: session } = environment;
  if (!id || !secret) return undefined;
  return { access_key_id: id, secret_access_key: secret, ...(session ? { session_token: session } : {}) };
}
