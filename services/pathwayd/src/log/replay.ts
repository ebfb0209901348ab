import type { TraceEvent } from "../traces/trace-event.ts";
import { MisfitError } from "../traces/traces.ts";
import type { AppendLog } from "./append-log.ts";
import { eventFromJson } from "./event-json.ts";
import { BadLineError, decodeLine } from "./log-line.ts";
import { type LogLine, readLines } from "./read-lines.ts";
import type { RejectedLines } from "./rejected-lines.ts";

export interface Replay {
  log: AppendLog;
  rejected: RejectedLines;
  /** @throws MisfitError where the event does not follow from those before it */
  apply(event: TraceEvent, lineBytes: number): void;
  /** A line was set aside. */
  onRejected(line: LogLine, reason: string): void;
  signal: AbortSignal;
}

export interface Replayed {
  records: number;
  /** Bytes of a last line that was not written to its end, and is cut off. */
  torn: number;
}

/**
 * Reads the log from its start. Whatever is in it, the rest is read: a bad line is set aside, a torn last one cut off.
 * @throws Error where the file itself can't be read or mended
 */
export async function replay({ log, rejected, apply, onRejected, signal }: Replay): Promise<Replayed> {
  const replayed = { records: 0, torn: 0 };
  for await (const lines of readLines(log)) {
    for (const line of lines.filter(({ bytes }) => bytes.length > 0)) {
      const reason = refusal(line, apply);
      if (reason === undefined) {
        replayed.records += 1;
        if (!line.ended) await log.append(Buffer.from("\n"));
      } else if (line.ended) {
        rejected.add(line.bytes);
        onRejected(line, reason);
      } else {
        replayed.torn = line.bytes.length;
        await log.truncate(line.start);
      }
    }
    await rejected.save();
    signal.throwIfAborted();
  }
  return replayed;
}

/** @returns undefined where the line was applied, else why not */
function refusal({ bytes }: LogLine, apply: Replay["apply"]): string | undefined {
  try {
    apply(eventFromJson(decodeLine(bytes)), bytes.length + 1);
    return undefined;
  } catch (error) {
    if (error instanceof BadLineError || error instanceof MisfitError) return error.message;
    throw error;
  }
}
