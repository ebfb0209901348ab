/** For scripts/bench/memory: the log and the memory that replays it, without a server. */
export { AppendLog } from "./log/append-log.ts";
export { eventToJson } from "./log/event-json.ts";
export { encodeLine } from "./log/log-line.ts";
export { RejectedLines } from "./log/rejected-lines.ts";
export { TraceMemory } from "./trace-memory.ts";
export { contentOf } from "./traces/content.ts";
export type { TraceEvent } from "./traces/trace-event.ts";
