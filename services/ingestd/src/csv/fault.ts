export type CsvFaultCode =
  | "ragged_row"
  | "unterminated_quote"
  | "invalid_quote"
  | "invalid_encoding"
  | "row_too_long"
  | "too_many_columns";

/** What is wrong with the bytes of a file, and at which byte: counted from the start of the buffer it was found in. */
export interface CsvFault {
  code: CsvFaultCode;
  offset: number;
  /** Of a ragged row: how far it is off, as the end of a sentence. */
  reason?: string;
}
