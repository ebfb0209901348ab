import { serveCalls } from "../threads/serve-calls.ts";
import { parseAdd, parseDelete } from "./parse-batch.ts";

export const parserCalls = { parseAdd, parseDelete };

serveCalls(parserCalls);
