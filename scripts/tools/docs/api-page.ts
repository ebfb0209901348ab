import { type ErrorCode, errorTable, serviceNames } from "@lakehouse/contracts";
import { type ApiBody, type ApiRoute, apiRoutes, errorsOf } from "@lakehouse/contracts/api";

/** docs/api.md: every route on a few lines; what `GET /openapi.json` says at length. */
export function apiPage(): string {
  const gated = apiRoutes.filter(({ open }) => !open);
  const general = gated.map(errorsOf).reduce((common, codes) => common.filter((code) => codes.includes(code)));
  return `# API

Generated from \`packages/contracts/src/api\` by \`just format\`.

All of it is served by the gateway, and described there as OpenAPI 3.1: \`curl http://127.0.0.1:3110/openapi.json\`. Where a token is
configured, every route but \`/health\` wants \`Authorization: Bearer <token>\`, of a token that has the route's scope
([who may do what](operations.md#who-may-do-what)). Each answer carries \`x-request-id\`.

Beside the codes that are named here, any route can answer ${listed(general)}; one that is forwarded, what
[errors.md](errors.md) has under _Peers_; one with a body, \`invalid_json\`, \`invalid_request\`, \`unsupported_media_type\` and
\`payload_too_large\`.

${inOrder().map(serviceSection).join("\n")}`;
}

/** As a newcomer meets them: the gateway, then the way of the data. */
function inOrder(): string[] {
  return ["gateway", ...serviceNames.filter((name) => name !== "gateway")];
}

function serviceSection(service: string): string {
  const routes = apiRoutes.filter((route) => route.service === service);
  return `## ${service}\n\n${routes.map(routeSection).join("\n")}`;
}

function routeSection(route: ApiRoute): string {
  const { method, path, scope, open, summary, description, query, errors } = route;
  const paragraphs = [
    `### ${method} ${path}`,
    `${summary}.${description === undefined ? "" : ` ${description}`}`,
    `Scope: ${open ? "none; it is open to everybody" : scope === "any" ? "any valid token" : listed([scope].flat())}.`,
    query && `Query: ${listed(Object.keys(query.shape))}.`,
    example(route),
    answersOf(route),
    errors.length > 0 && `Codes: ${errors.map(codeWithStatus).join(", ")}.`,
  ];
  return `${paragraphs.filter(Boolean).join("\n\n")}\n`;
}

/** A line to type, where there is something to send. */
function example({ method, path, body, params }: ApiRoute): string | undefined {
  if (!body) return undefined;
  const parts = Object.entries(params?.shape ?? {}).map(([name, field]) => [name, exampleOf(field)] as const);
  const filled = parts.reduce((text, [name, value]) => text.replace(`{${name}}`, value), path as string);
  const verb = method === "POST" ? "" : `-X ${method} `;
  const url = `http://127.0.0.1:3110${filled}`;
  return `\`\`\`sh\ncurl ${verb}${sent(body, url)}\n\`\`\``;
}

/** The rest of the line: the body as curl wants it. */
function sent({ content }: ApiBody, url: string): string {
  if ("multipart/form-data" in content) return `-F file=@people.csv '${url}?name=people'`;
  const json = content["application/json"];
  return json ? `${url} -d '${JSON.stringify(json.example)}'` : `--data-binary @people.csv ${url}`;
}

function exampleOf(field: unknown): string {
  const { examples } = (field as { meta(): { examples: string[] } }).meta();
  return examples[0]!;
}

function answersOf({ answers }: ApiRoute): string {
  const lines = Object.entries(answers).map(([status, { description, content }]) => {
    const types = Object.keys(content ?? {});
    return `- ${status}${types.length > 0 ? ` (${types.join(", ")})` : ""}: ${description}`;
  });
  return lines.join("\n");
}

function codeWithStatus(code: ErrorCode): string {
  return `\`${code}\` (${errorTable[code].status})`;
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
