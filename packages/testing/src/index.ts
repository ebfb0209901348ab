export { eventually } from "./eventually.ts";
export {
  answerJson,
  type FakeUpstream,
  startFakeUpstream,
  type UpstreamAnswer,
  type UpstreamRequest,
} from "./fake-upstream.ts";
export { freePort } from "./free-port.ts";
export { type HttpAnswer, type HttpCallOptions, httpCall } from "./http-call.ts";
export { findMinio, type S3Server, startMinio } from "./minio.ts";
export * from "./object-store-suite/index.ts";
export { openRawConnection, type RawConnection } from "./raw-connection.ts";
export { type ServiceOptions, type ServiceProcess, startService } from "./service-process.ts";
export { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";
