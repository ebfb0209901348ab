import assert from "node:assert";
import { isUtf8 } from "node:buffer";
import { CsvError } from "./csv-error.ts";
import type { CsvFault, CsvFaultCode } from "./fault.ts";
import { READ_BYTES, ROW_BYTES_MAX } from "./limits.ts";
import { type RowBlock, Tokenizer } from "./tokenizer.ts";

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const LF = 0x0a;
const QUOTE = 0x22;

/** Bytes that may still be arriving. */
export interface ByteSource {
  /** Fills `into` from `offset` on, waiting for bytes to arrive. @returns how many; fewer than asked for only at the end */
  read(into: Uint8Array, offset: number): number;
}

/**
 * Reads a CSV file as blocks of whole rows, with one buffer that grows only for a row longer than it.
 * Call {@link readHeader} first, then {@link nextBlock} until it gives undefined.
 */
export class RowReader {
  readonly #source: ByteSource;
  readonly #delimiter: number;
  #tokenizer: Tokenizer;
  #buffer: Buffer;
  /** Offset in the file of the first byte of the buffer. */
  #base = 0;
  #from = 0;
  #to = 0;
  #final: boolean = false;

  /** @param delimiter code of the ASCII character between fields */
  constructor(source: ByteSource, delimiter: number, readBytes = READ_BYTES) {
    this.#source = source;
    this.#delimiter = delimiter;
    this.#buffer = Buffer.allocUnsafeSlow(readBytes + 1);
    this.#tokenizer = new Tokenizer(delimiter);
  }

  /** Offset in the file up to which rows were given out. */
  get position(): number {
    return this.#base + this.#from;
  }

  /**
   * The first row, in a block of its own; undefined where the file has none. Rows after it must have as many fields.
   * @throws CsvError
   */
  readHeader(): RowBlock | undefined {
    this.#fill();
    if (BYTE_ORDER_MARK.every((byte, index) => index < this.#to && this.#buffer[index] === byte)) this.#from = 3;
    const header = this.nextBlock();
    if (header !== undefined) this.#tokenizer = new Tokenizer(this.#delimiter, header.columns);
    return header;
  }

  /**
   * The next rows, at least one, valid until the next call; undefined at the end of the file.
   * @throws CsvError for bytes that are not CSV, or not UTF-8
   */
  nextBlock(): RowBlock | undefined {
    for (;;) {
      const from = this.#from;
      const block = this.#tokenizer.tokenize(this.#buffer, from, this.#to, this.#final);
      this.#from = block.consumed;
      if (block.rows > 0 || block.fault !== undefined) {
        this.#assertUtf8(from, block.fault?.offset ?? block.consumed);
        if (block.fault !== undefined && block.rows === 0) throw this.#fault(block.fault);
        return block;
      }
      if (this.#final) return undefined;
      this.#makeRoom(block.openQuote);
      this.#fill();
    }
  }

  /** Offset in the file of the line on which row `row` of the last block starts. */
  offsetOf(block: RowBlock, row: number): number {
    return this.#base + block.starts[row * block.columns]!;
  }

  /** Moves the unfinished row to the front of the buffer, and doubles the buffer where that row fills it. */
  #makeRoom(openQuote: number): void {
    const rowStart = this.#from;
    this.#buffer.copyWithin(0, this.#from, this.#to);
    this.#base += this.#from;
    this.#to -= this.#from;
    this.#from = 0;
    const capacity = this.#buffer.length - 1;
    if (this.#to < capacity) return;
    if (capacity >= ROW_BYTES_MAX) throw this.#tooLong(openQuote - rowStart);
    const larger = Buffer.allocUnsafeSlow(Math.min(capacity * 2, ROW_BYTES_MAX) + 1);
    larger.set(this.#buffer);
    this.#buffer = larger;
  }

  /** A quote that nothing in the rest of the file closes is the better thing to tell the client. */
  #tooLong(openQuote: number): CsvError {
    if (openQuote < 0) return this.#error("row_too_long", 0);
    const opened = this.#base + openQuote;
    let offset = this.#base + this.#to;
    for (;;) {
      const length = this.#source.read(this.#buffer, offset);
      if (this.#buffer.subarray(0, length).includes(QUOTE)) return new CsvError("row_too_long", this.#base);
      if (length < this.#buffer.length) return new CsvError("unterminated_quote", opened);
      offset += length;
    }
  }

  #fill(): void {
    assert(!this.#final);
    // The last byte is the tokenizer's: see Tokenizer.tokenize.
    const free = this.#buffer.subarray(this.#to, this.#buffer.length - 1);
    const length = this.#source.read(free, this.#base + this.#to);
    this.#to += length;
    this.#final = length < free.length;
  }

  #assertUtf8(from: number, to: number): void {
    if (isUtf8(this.#buffer.subarray(from, to))) return;
    let line = from;
    for (;;) {
      const next = this.#buffer.indexOf(LF, line) + 1;
      if (next === 0 || next > to || !isUtf8(this.#buffer.subarray(line, next))) break;
      line = next;
    }
    throw this.#error("invalid_encoding", line);
  }

  #fault({ code, offset, reason }: CsvFault): CsvError {
    return new CsvError(code, this.#base + offset, reason);
  }

  #error(fault: CsvFaultCode, offset: number): CsvError {
    return new CsvError(fault, this.#base + offset);
  }
}
