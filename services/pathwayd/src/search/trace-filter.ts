import { parseExactly } from "../traces/exact-json.ts";
import type { TraceVersion } from "../traces/stored-trace.ts";
import { textOf } from "./text-of.ts";

export interface FilterRequest {
  tags: readonly string[];
  content_contains: string;
}

/** Whether a trace has all the tags, and the text somewhere in its content, in whichever case. */
export function traceFilter({ tags, content_contains }: FilterRequest): (version: TraceVersion) => boolean {
  const contains = containsText(content_contains.toLowerCase());
  return (version) => tags.every((tag) => version.tags.includes(tag)) && contains(version.content);
}

/** Characters that JSON writes otherwise than they are, or that only our own joining of texts puts in. */
const escaped = /["\\\p{Cc}\p{Cs}]/u;

function containsText(needle: string): (json: string) => boolean {
  if (needle === "") return () => true;
  const isVerbatim = !escaped.test(needle);
  return (json) => {
    // What stands in the text stands in the JSON too, which spares parsing most of them.
    if (isVerbatim && !json.toLowerCase().includes(needle)) return false;
    return textOf(parseExactly(json)).toLowerCase().includes(needle);
  };
}
