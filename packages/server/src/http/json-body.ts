import { isUtf8 } from "node:buffer";
import { LakehouseError } from "@lakehouse/core";
import type { FastifyBodyParser, FastifyInstance } from "fastify";

/** `curl -d '{…}'` says application/x-www-form-urlencoded; what is meant is JSON. */
export const jsonTypes = ["application/json", "text/plain", "application/x-www-form-urlencoded"];

interface JsonOptions {
  /** What stands for an empty body; left out: an empty one is refused. */
  emptyAs?: string;
  /** Keys are a user's own, so `__proto__` is one like any other. Only for a schema that copies none of them by assignment. */
  anyKey?: boolean;
  /** Whole numbers that a double can't hold become bigints, with all their digits. */
  bigIntegers?: boolean;
  /** Reads a text in place of `JSON.parse`, any key included, and throws a SyntaxError as it does. */
  parse?: (text: string) => unknown;
}

/**
 * JSON bodies, whatever curl calls them. Bytes that are not UTF-8 are refused: decoded leniently, they would become other
 * characters in silence. What is wrong is said in the words of the parser, which point at the place.
 */
export function takeJson(
  app: FastifyInstance,
  { emptyAs, anyKey = false, bigIntegers = false, parse }: JsonOptions = {},
): void {
  const onPoison = anyKey ? "ignore" : "error";
  const parseSafely = parse ? parserOf(parse) : app.getDefaultJsonParser(onPoison, onPoison);
  app.removeContentTypeParser(jsonTypes);
  app.addContentTypeParser<Buffer>(jsonTypes, { parseAs: "buffer" }, (request, body, done) => {
    if (!isUtf8(body)) return done(new LakehouseError("invalid_json", "The body is not UTF-8."));
    const sent = body.toString();
    const text = emptyAs !== undefined && sent.trim() === "" ? emptyAs : sent;
    return parseSafely(request, text, (error, value) => {
      if (error) done(new LakehouseError("invalid_json", whyNotJson(text), { cause: error }));
      else done(null, bigIntegers && /\d{16}/.test(text) ? withBigIntegers(text) : value);
    });
  });
}

function parserOf(parse: (text: string) => unknown): FastifyBodyParser<string> {
  return (_request, text, done) => {
    let value: unknown;
    try {
      value = parse(text);
    } catch (error) {
      return done(error as Error);
    }
    done(null, value);
  };
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

function withBigIntegers(text: string): unknown {
  const revive: Reviver = (_key, value, { source = "" }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;
  return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1]); // TypeScript's library does not know `source` yet
}

/** Asked where the parser refused a text already. */
function whyNotJson(text: string): string {
  if (text === "") return "The body is empty; JSON is expected.";
  try {
    JSON.parse(text);
    return 'The body has a key that is not taken: "__proto__", or "prototype" in "constructor".';
  } catch (error) {
    return `The body is not JSON: ${(error as Error).message}`;
  }
}
