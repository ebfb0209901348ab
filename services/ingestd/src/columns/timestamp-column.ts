import { InstantReader } from "../spelling/instant.ts";
import { Int64Words } from "./int64-words.ts";
import { NarrowColumn } from "./narrow-column.ts";

const MICROS_PER_SECOND = 1_000_000n;

/** TIMESTAMP and TIMESTAMPTZ. */
export class TimestampColumn extends NarrowColumn<bigint> {
  readonly type: "TIMESTAMP" | "TIMESTAMPTZ";
  /** Microseconds from 1970. */
  protected readonly values: BigInt64Array;
  readonly #words: Int64Words;
  readonly #reader = new InstantReader();
  readonly #isZoned: boolean;

  constructor(type: "TIMESTAMP" | "TIMESTAMPTZ", capacity: number) {
    super(capacity);
    this.type = type;
    this.#isZoned = type === "TIMESTAMPTZ";
    this.values = new BigInt64Array(capacity);
    this.#words = new Int64Words(this.values);
  }

  protected override write(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const instant = this.#reader;
    if (!instant.read(bytes, start, end) || instant.zoned !== this.#isZoned) return false;
    this.#words.setMicros(index, instant.seconds, instant.micros);
    return true;
  }

  /** ISO 8601, with six digits of fraction where there is one. */
  protected override toJson(micros: bigint): string {
    const fraction = ((micros % MICROS_PER_SECOND) + MICROS_PER_SECOND) % MICROS_PER_SECOND;
    const seconds = Number((micros - fraction) / MICROS_PER_SECOND);
    const [wholeSeconds] = new Date(seconds * 1000).toISOString().split(".");
    const decimals = fraction === 0n ? "" : `.${fraction.toString().padStart(6, "0")}`;
    return `${wholeSeconds}${decimals}${this.#isZoned ? "Z" : ""}`;
  }
}
