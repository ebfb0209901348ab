import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface S3Credentials {
  access_key_id: string;
  secret_access_key: string;
}

/**
 * One signed request, by curl, so that this package needs no S3 client. VersityGW wants the header that curl leaves out.
 * @returns the status
 */
export async function s3Call(method: string, url: string, credentials: S3Credentials, body?: string): Promise<number> {
  const { access_key_id, secret_access_key } = credentials;
  const signed = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", `${access_key_id}:${secret_access_key}`];
  const headers = ["-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"];
  const sent = body === undefined ? [] : ["--data-binary", body];
  const answer = ["-sS", "-o", "/dev/null", "-w", "%{http_code}"];
  const { stdout } = await promisify(execFile)("curl", [...answer, ...signed, ...headers, ...sent, "-X", method, url]);
  return Number(stdout);
}
