import type { ErrorCode } from "@lakehouse/contracts";
import { CsvRefusal } from "./csv-refusal.ts";
import type { CsvFaultCode } from "./fault.ts";
import { COLUMNS_MAX, ROW_BYTES_MAX } from "./limits.ts";

/** A fault at an offset of the file. Offsets are cheap to keep, lines are counted only when a client has to be told. */
export class CsvError extends Error {
  readonly fault: CsvFaultCode;
  readonly offset: number;
  readonly #reason: string | undefined;

  /** @param reason of a ragged row: how far it is off */
  constructor(fault: CsvFaultCode, offset: number, reason?: string) {
    super(`${fault} at byte ${offset}`);
    this.name = "CsvError";
    this.fault = fault;
    this.offset = offset;
    this.#reason = reason;
  }

  /** @param line of the offset, from 1 */
  toRefusal(line: number): CsvRefusal {
    switch (this.fault) {
      case "ragged_row":
        return refusal("ragged_row", line, this.#reason ?? "the row has more or fewer fields than the header.");
      case "unterminated_quote":
        return refusal("unterminated_quote", line, "the quoted field that starts here never ends.");
      case "invalid_quote":
        return refusal(
          "invalid_quote",
          line,
          "a quote stands inside an unquoted field, or text follows a closing quote.",
        );
      case "invalid_encoding":
        return refusal("invalid_encoding", line, "the bytes are not UTF-8.");
      case "row_too_long":
        return refusal("field_too_large", line, `the row is longer than ${ROW_BYTES_MAX} bytes.`, {
          limit_bytes: ROW_BYTES_MAX,
        });
      case "too_many_columns":
        return refusal("field_too_large", line, `the header has more than ${COLUMNS_MAX} columns.`, {
          limit_columns: COLUMNS_MAX,
        });
    }
  }
}

function refusal(code: ErrorCode, line: number, reason: string, details: object = {}): CsvRefusal {
  return new CsvRefusal(code, `Line ${line}: ${reason}`, { line, ...details });
}
