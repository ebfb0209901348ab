/** What the scanning thread tells the encoding thread, in the order of {@link BatchSink}. */
export type EncoderMessage =
  | { kind: "begin"; plainColumns: string[] }
  | { kind: "batch"; ipc: Uint8Array<ArrayBuffer> }
  | { kind: "end" };
