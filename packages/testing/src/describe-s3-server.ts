import { afterAll, beforeAll, describe } from "vitest";
import { findTool, type S3Server, startS3Server } from "./s3-server.ts";
import { type S3ServerKind, s3ServerKinds } from "./s3-server-kinds.ts";

/**
 * Tests on a real S3 server, which runs while they do. Where the machine has none, one loud line takes their place.
 * @param tests given the server, which is there once a test or a `beforeAll` runs
 */
export function describeS3Server(
  kind: S3ServerKind,
  tests: (server: () => S3Server, kind: S3ServerKind) => void,
): void {
  const isMissing = findTool(kind) === undefined;
  if (isMissing)
    console.warn(`!!! NOT TESTED on ${kind}: it is not on this machine; scripts/test-tools ${kind} fetches it`);
  describe.skipIf(isMissing)(`on ${kind}`, () => {
    let server: S3Server;
    beforeAll(async () => {
      server = await startS3Server(kind);
    });
    afterAll(() => server.close());
    tests(() => server, kind);
  });
}

/** The same tests on every S3 server that there is. */
export function describeS3Servers(tests: (server: () => S3Server, kind: S3ServerKind) => void): void {
  for (const kind of Object.keys(s3ServerKinds) as S3ServerKind[]) describeS3Server(kind, tests);
}
