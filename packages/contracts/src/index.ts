export * from "./catalog.ts";
export * from "./common.ts";
export * from "./errors.ts";
export * from "./fingerprint.ts";
export * from "./gateway.ts";
export * from "./ingest.ts";
export * from "./query.ts";
export * from "./storage.ts";
