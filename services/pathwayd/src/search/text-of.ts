import { isRawNumber } from "../traces/exact-json.ts";

/** What a person would read in a content: its keys, texts, numbers and truth values in order, each on a line of its own. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  const parts: string[] = [];
  gather(content, parts);
  return parts.join("\n");
}

function gather(value: unknown, parts: string[]): void {
  if (value === null) return;
  if (typeof value !== "object") parts.push(String(value));
  else if (isRawNumber(value)) parts.push(value.rawJSON);
  else if (Array.isArray(value)) for (const member of value) gather(member, parts);
  else {
    for (const [key, member] of Object.entries(value)) {
      parts.push(key);
      gather(member, parts);
    }
  }
}
