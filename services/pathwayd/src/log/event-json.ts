import { type Content, contentFrom } from "../traces/content.ts";
import { parseExactly } from "../traces/exact-json.ts";
import { formatMoment, type Moment, startOf } from "../traces/moment.ts";
import type { TraceEvent } from "../traces/trace-event.ts";
import { BadLineError } from "./log-line.ts";

/** What a replay takes in a line that has others: its time, in quotes and with a comma. */
export const FOLDED_MOMENT_BYTES = 30;

type Written<E> = E extends { content: Content } ? Omit<E, "content"> & { content: Pick<Content, "json"> } : E;

/** An event of which only what is written has to be known. */
export type WrittenEvent = Written<TraceEvent>;

/** An event as a record of the log. Content comes last, and is the text that was kept, not written anew. */
export function eventToJson(event: WrittenEvent): string {
  const { op, uid } = event;
  if (op === "replay") {
    const [first, ...others] = event.at.map(formatMoment);
    return JSON.stringify({ op, at: others.length === 0 ? first : [first, ...others], uid });
  }
  const at = formatMoment(event.at);
  switch (event.op) {
    case "retire":
      return JSON.stringify({ op, at, uid });
    case "update":
      return withContent({ op, at, uid, tags: event.tags }, event.content);
    case "add":
      return withContent({ op, at, uid, namespace: event.namespace, tags: event.tags }, event.content);
    case "revise": {
      const { predecessor, namespace, tags } = event;
      return withContent({ op, at, uid, predecessor, namespace, tags }, event.content);
    }
  }
}

/** @throws BadLineError */
export function eventFromJson(json: string): TraceEvent {
  const record = parse(json);
  const uid = text(record["uid"]);
  switch (record["op"]) {
    case "add":
      return { op: "add", ...addition(record, json), uid };
    case "revise":
      return { op: "revise", ...addition(record, json), uid, predecessor: text(record["predecessor"]) };
    case "update":
      return { op: "update", ...saying(record, json), uid };
    case "replay":
      return { op: "replay", at: [record["at"]].flat().map(moment), uid };
    case "retire":
      return { op: "retire", at: moment(record["at"]), uid };
    default:
      throw new BadLineError("It is of no kind that this version knows.");
  }
}

const contentKey = ',"content":';

function withContent(head: object, { json }: Pick<Content, "json">): string {
  return `${JSON.stringify(head).slice(0, -1)}${contentKey}${json}}`;
}

function addition(record: Record<string, unknown>, json: string) {
  return { ...saying(record, json), namespace: text(record["namespace"]) };
}

function saying(record: Record<string, unknown>, json: string) {
  if (!Object.hasOwn(record, "content")) throw new BadLineError("It has no content.");
  // No key before it has a value in which this could stand: inside a text its quotes would be escaped.
  const start = json.indexOf(contentKey) + contentKey.length;
  const content = contentFrom(json.slice(start, -1), record["content"]);
  return { at: moment(record["at"]), tags: texts(record["tags"]), content };
}

function parse(json: string): Record<string, unknown> {
  try {
    const value = parseExactly(json);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error; // else: below
  }
  throw new BadLineError("Its record is no JSON object.");
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new BadLineError("A text of it is none.");
  return value;
}

function texts(value: unknown): string[] {
  if (!Array.isArray(value)) throw new BadLineError("Its tags are no list.");
  return value.map(text);
}

function moment(value: unknown): Moment {
  const parsed = startOf(text(value));
  if (Number.isNaN(parsed)) throw new BadLineError("A time of it is none.");
  return parsed;
}
