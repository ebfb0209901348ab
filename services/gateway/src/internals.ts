/** For scripts/tools/api: which paths the gateway forwards, and to whom. */
export { prefixes } from "./upstreams.ts";
