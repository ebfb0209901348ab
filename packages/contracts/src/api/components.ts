import { z } from "zod";
import * as contracts from "../index.ts";

export type JsonSchema = Record<string, unknown>;

/** Every wire shape that the contracts export, under its name without the `Schema`: `manifestSchema` is Manifest. */
const components = z.registry<{ id: string }>();
for (const [name, value] of Object.entries<unknown>(contracts)) {
  if (!(value instanceof z.ZodType) || !name.endsWith("Schema") || name.endsWith("QuerySchema")) continue;
  components.add(value, { id: name.charAt(0).toUpperCase() + name.slice(1, -"Schema".length) });
}

/** Written for the one who sends or reads the JSON: what may be left out is optional, defaults are told. */
const options = {
  io: "input",
  unrepresentable: "any",
  override: ({ jsonSchema }: { jsonSchema: JsonSchema }) => plain(jsonSchema),
} as const;

/** JSON Schemas of all wire shapes, which refer to each other where they stand in the document. */
export function componentSchemas(): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(components, { ...options, uri: referenceTo });
  const named = Object.entries(schemas).map(([name, schema]) => [name, withoutIdentity(schema)]);
  return Object.fromEntries(named);
}

/** A reference where the contracts export the schema, else the schema itself. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const known = components.get(schema);
  if (known) return { $ref: referenceTo(known.id) };
  return withoutIdentity(z.toJSONSchema(schema, options));
}

function referenceTo(name: string): string {
  return `#/components/schemas/${name}`;
}

/** zod's bounds of safe integers, and its patterns for formats that say it already, tell a reader nothing. */
function plain(schema: JsonSchema): void {
  if (schema["maximum"] === Number.MAX_SAFE_INTEGER) delete schema["maximum"];
  if (schema["minimum"] === Number.MIN_SAFE_INTEGER) delete schema["minimum"];
  if (schema["format"] !== undefined) delete schema["pattern"];
  delete schema["propertyNames"];
}

/** OpenAPI names the dialect once, and the component by its place. */
function withoutIdentity({ $schema, $id, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
