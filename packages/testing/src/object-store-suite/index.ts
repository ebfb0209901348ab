export { breakingOff, bytesFound, bytesOf, getBytes, inChunks, listPages, MiB, putBytes } from "./bodies.ts";
export { describeObjectStore, type OpenedStore } from "./describe-object-store.ts";
export { inKeyOrder, objectKeySets, objectKeys } from "./object-keys.ts";
