import { type Content, contentFrom } from "../traces/content.ts";
import { formatMoment, MOMENT_MAX, MOMENT_MIN, type Moment, startOf } from "../traces/moment.ts";
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

/**
 * @param record UTF-8
 * @throws BadLineError
 */
export function eventFromJson(record: Buffer): TraceEvent {
  const { head, json } = split(record);
  const uid = text(head["uid"]);
  switch (head["op"]) {
    case "add":
      return { op: "add", ...addition(head, json), uid };
    case "revise":
      return { op: "revise", ...addition(head, json), uid, predecessor: text(head["predecessor"]) };
    case "update":
      return { op: "update", ...saying(head, json), uid };
    case "replay":
      return { op: "replay", at: moments(head["at"]), uid };
    case "retire":
      return { op: "retire", at: moment(head["at"]), uid };
    default:
      throw new BadLineError("It is of no kind that this version knows.");
  }
}

const contentKey = ',"content":';
const CLOSING_BRACE = 0x7d;

function withContent(head: object, { json }: Pick<Content, "json">): string {
  return `${JSON.stringify(head).slice(0, -1)}${contentKey}${json}}`;
}

interface SplitRecord {
  head: Record<string, unknown>;
  /** Of the content, where there is one. */
  json: string | undefined;
}

/** Content becomes a text of its own: one that is a part of the record's would keep all of that in memory. */
function split(record: Buffer): SplitRecord {
  if (record.at(-1) !== CLOSING_BRACE) throw new BadLineError("Its record is no JSON object.");
  // No key before it has a value in which this could stand: inside a text its quotes would be escaped.
  const end = record.indexOf(contentKey);
  if (end === -1) return { head: headFrom(record.toString()), json: undefined };
  const json = record.toString("utf8", end + contentKey.length, record.length - 1);
  return { head: headFrom(`${record.toString("utf8", 0, end)}}`), json };
}

function headFrom(json: string): Record<string, unknown> {
  const head = parsed(() => JSON.parse(json));
  if (typeof head === "object" && head !== null) return head as Record<string, unknown>;
  throw new BadLineError("Its record is no JSON object.");
}

function addition(head: Record<string, unknown>, json: string | undefined) {
  return { ...saying(head, json), namespace: text(head["namespace"]) };
}

function saying(head: Record<string, unknown>, json: string | undefined) {
  if (json === undefined) throw new BadLineError("It has no content.");
  return { at: moment(head["at"]), tags: texts(head["tags"]), content: parsed(() => contentFrom(json)) };
}

/** @throws BadLineError */
function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxError) throw new BadLineError("Its record is no JSON object.");
    // The parser's own, too: with a reviver it calls itself.
    if (error instanceof RangeError) throw new BadLineError("Its record nests too deep.");
    throw error;
  }
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new BadLineError("A text of it is none.");
  return value;
}

function texts(value: unknown): string[] {
  if (!Array.isArray(value)) throw new BadLineError("Its tags are no list.");
  return value.map(text);
}

function moments(value: unknown): Moment[] {
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new BadLineError("It has no time.");
  return list.map(moment);
}

/** No event of this process comes before one that was read, so one from the end of time would leave no moment for another. */
function moment(value: unknown): Moment {
  const start = startOf(text(value));
  if (start >= MOMENT_MIN && start < MOMENT_MAX) return start;
  throw new BadLineError("A time of it is invalid, or out of range.");
}
