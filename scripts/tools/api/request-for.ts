import type { ApiRoute } from "@lakehouse/contracts/api";

interface ExampleRequest {
  path: string;
  method: string;
  headers: Record<string, string>;
  body?: string;
}

/** Query parameters that a route needs beside its body. */
const queries: Record<string, string> = { ingestCsv: "?name=people" };

/** The request of a route's own examples. */
export function requestFor({ id, method, path, params, body }: ApiRoute, token: string): ExampleRequest {
  const parts = Object.entries(params?.shape ?? {}).map(([name, field]) => [name, exampleOf(field)] as const);
  const filled = parts.reduce((text, [name, value]) => text.replace(`{${name}}`, value), path as string);
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  const request = { path: filled + (queries[id] ?? ""), method, headers };
  const [content] = Object.entries(body?.content ?? {}).filter(([, { example }]) => example !== undefined);
  if (!content) return body ? { ...request, body: "some bytes" } : request;
  const [mediaType, { example }] = content;
  headers["content-type"] = mediaType;
  return { ...request, body: typeof example === "string" ? example : JSON.stringify(example) };
}

function exampleOf(field: unknown): string {
  const { examples } = (field as { meta(): { examples: string[] } }).meta();
  return examples[0]!;
}
