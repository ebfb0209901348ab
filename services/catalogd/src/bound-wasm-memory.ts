import { setFlagsFromString } from "node:v8";
import { WASM_MEMORY_PAGES_MAX } from "./limits.ts";

// Imported before the WebAssembly module that it bounds: a memory takes its bound when it is made.
setFlagsFromString(`--wasm-max-mem-pages=${WASM_MEMORY_PAGES_MAX}`);
