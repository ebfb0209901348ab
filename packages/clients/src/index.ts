export { CatalogClient, type CatalogListing } from "./catalog-client.ts";
export { EmbedClient } from "./embed-client.ts";
export {
  type ClientOptions,
  callerHeaders,
  HttpClient,
  type PeerRequest,
  type PeerResponse,
  type ReplayableBody,
  tokenOf,
} from "./http/http-client.ts";
export { isSilence, openPool } from "./http/pool.ts";
export { startCall, tracedCall } from "./http/traced-call.ts";
export { type AddIdempotentInput, type AddTraceInput, PathwayClient, type TraceSearchInput } from "./pathway-client.ts";
export { StorageClient, type StoredObject } from "./storage-client.ts";
export { type CreateIndexInput, PreparedSearch, type SearchInput, VectorClient } from "./vector-client.ts";
