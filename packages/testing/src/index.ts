export { type Answer, answerOf, ask, succeed, untilReady } from "./ask.ts";
export { describeS3Server, describeS3Servers } from "./describe-s3-server.ts";
export { endWithUs } from "./end-with-us.ts";
export { eventually } from "./eventually.ts";
export { answerChat } from "./fake-ollama.ts";
export {
  answerJson,
  type FakeUpstream,
  startFakeUpstream,
  type UpstreamAnswer,
  type UpstreamRequest,
} from "./fake-upstream.ts";
export { type FaultProxy, type ProxiedRequest, type ProxyFault, startFaultProxy } from "./fault-proxy.ts";
export { freePort } from "./free-port.ts";
export { type HttpAnswer, type HttpCallOptions, httpCall } from "./http-call.ts";
export { layOut } from "./layout.ts";
export * from "./object-store-suite/index.ts";
export { openRawConnection, type RawConnection } from "./raw-connection.ts";
export { makeS3Bucket, type S3BucketConfig, s3BucketAt, writeS3Secrets } from "./s3-bucket.ts";
export { type S3Credentials, s3Call } from "./s3-call.ts";
export { findTool, type S3Server, startS3Server } from "./s3-server.ts";
export type { S3ServerKind } from "./s3-server-kinds.ts";
export { type ServedApp, serveApp } from "./serve-app.ts";
export { mergeConfig, type ServiceConfig, type ServiceOptions, serviceCommand } from "./service-command.ts";
export { type ServiceProcess, startService } from "./service-process.ts";
export { type Stack, startStack } from "./stack.ts";
export { type Services, startServices } from "./start-services.ts";
export { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";
export { testContext } from "./test-context.ts";
export { testSeed } from "./test-seed.ts";
