import type { ColumnStats } from "@lakehouse/contracts";
import { type Data, makeData, TimestampMicrosecond } from "apache-arrow";
import { InstantReader } from "../spelling/instant.ts";
import { Int64Words } from "./int64-words.ts";
import { NarrowColumn } from "./narrow-column.ts";

/** TIMESTAMP and TIMESTAMPTZ, in microseconds from 1970. */
export class TimestampColumn extends NarrowColumn {
  readonly type: "TIMESTAMP" | "TIMESTAMPTZ";
  readonly #words: Int64Words;
  readonly #reader = new InstantReader();
  readonly #zoned: boolean;
  readonly #min = new Bound(-1);
  readonly #max = new Bound(1);

  constructor(type: "TIMESTAMP" | "TIMESTAMPTZ", capacity: number) {
    super(capacity);
    this.type = type;
    this.#zoned = type === "TIMESTAMPTZ";
    this.#words = new Int64Words(capacity);
  }

  protected override write(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    const instant = this.#reader;
    if (!instant.read(bytes, start, end) || instant.zoned !== this.#zoned) return false;
    this.#words.setMicros(row, instant.seconds, instant.micros);
    this.#min.widen(instant);
    this.#max.widen(instant);
    return true;
  }

  protected override dataOf(rows: number): Data {
    const { bitmap, nullCount } = this.validity;
    const type = new TimestampMicrosecond(this.#zoned ? "UTC" : null);
    const data = this.#words.values.subarray(0, rows);
    return makeData({ type, length: rows, nullCount, nullBitmap: bitmap, data });
  }

  protected override bounds(): Pick<ColumnStats, "min" | "max"> {
    const zone = this.#zoned ? "Z" : "";
    return { min: this.#min.toJson(zone), max: this.#max.toJson(zone) };
  }
}

/** The least (direction -1) or greatest (1) instant seen. */
class Bound {
  readonly #direction: -1 | 1;
  #seconds: number;
  #micros = 0;

  constructor(direction: -1 | 1) {
    this.#direction = direction;
    this.#seconds = -direction * Number.POSITIVE_INFINITY;
  }

  widen({ seconds, micros }: InstantReader): void {
    const ahead = (seconds - this.#seconds || micros - this.#micros) * this.#direction;
    if (ahead <= 0) return;
    this.#seconds = seconds;
    this.#micros = micros;
  }

  /** ISO 8601 with six digits of fraction where there is one. */
  toJson(zone: string): string | null {
    if (!Number.isFinite(this.#seconds)) return null;
    const [wholeSeconds] = new Date(this.#seconds * 1000).toISOString().split(".");
    const fraction = this.#micros === 0 ? "" : `.${String(this.#micros).padStart(6, "0")}`;
    return `${wholeSeconds}${fraction}${zone}`;
  }
}
