import { type ResultFormat, resultFormats, resultMediaTypes } from "@lakehouse/contracts";

/** The format of an answer: `?format=` decides, else the best that `Accept` takes, else JSON. */
export function negotiateFormat(asked: ResultFormat | undefined, accept: string | undefined): ResultFormat {
  return asked ?? preferredFormat(accept ?? "") ?? "json";
}

/** By weight, then by the order in which the client names them (RFC 9110 §12.5.1). */
function preferredFormat(accept: string): ResultFormat | undefined {
  const ranges = accept
    .split(",")
    .map(parseRange)
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { type } of ranges) {
    const format = resultFormats.find((one) => resultMediaTypes[one] === type);
    if (format !== undefined) return format;
    if (type === "*/*" || type === "application/*") return "json";
    if (type === "text/*") return "csv";
  }
  return undefined;
}

function parseRange(range: string): { type: string; weight: number } {
  const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  return { type, weight: weight === undefined ? 1 : Number(weight) };
}
