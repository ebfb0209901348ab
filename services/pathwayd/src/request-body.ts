import { isUtf8 } from "node:buffer";
import { LakehouseError } from "@lakehouse/core";
import type { FastifyInstance } from "fastify";
import { parseExactly } from "./traces/exact-json.ts";

/** JSON, also where curl calls it something else. */
const jsonTypes = ["application/json", "text/plain", "application/x-www-form-urlencoded"];

/** Every number of a body keeps its digits, and any key of it is a key, also `__proto__`, which Fastify's own parser refuses. */
export function takeExactJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(jsonTypes, { parseAs: "buffer" }, async (_request: unknown, body: Buffer) =>
    parseBody(body),
  );
}

function parseBody(body: Buffer): unknown {
  if (!isUtf8(body)) throw new LakehouseError("invalid_json", "The body is not UTF-8.");
  try {
    return parseExactly(body.toString());
  } catch (error) {
    if (error instanceof SyntaxError) throw new LakehouseError("invalid_json", error.message, { cause: error });
    // What looks at every number goes down as deep as the body does.
    if (error instanceof RangeError) throw new LakehouseError("invalid_json", "The body is nested too deep.");
    throw error;
  }
}
