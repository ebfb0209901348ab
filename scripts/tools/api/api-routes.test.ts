import { type ErrorCode, errorTable, type ServiceName, serviceNames } from "@lakehouse/contracts";
import { apiRoutes, errorsOf, errorsWithoutRoute, openApiDocument } from "@lakehouse/contracts/api";
import { prefixes } from "@lakehouse/gateway/internals";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { servedRoutes } from "./served-routes.ts";
import { thrownCodes } from "./thrown-codes.ts";

/** Codes that a service throws to itself, and answers as another. */
const keptInside: Partial<Record<ServiceName, ErrorCode[]>> = {
  queryd: ["invalid_key"], // of a manifest's object: `dataset_unavailable` to a query
};

describe.each(serviceNames)("the API of %s", (service) => {
  const routes = apiRoutes.filter((route) => route.service === service);

  it("is described as it is served: no route is missing, and none made up", async () => {
    const described = routes.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(described)).toEqual(new Set(await servedRoutes(service)));
  });

  it("names every code that the service throws", () => {
    const routesItAnswers = service === "gateway" ? apiRoutes : routes;
    const named = new Set<ErrorCode>([...routesItAnswers.flatMap(errorsOf), ...errorsWithoutRoute]);
    expect([...thrownCodes(service)].filter((code) => !named.has(code))).toEqual(keptInside[service] ?? []);
  });

  it("is what the gateway forwards to it", () => {
    const prefix = prefixes.filter((one) => one.service === service).map((one) => `/v1${one.prefix}`);
    for (const { path } of service === "gateway" ? [] : routes) {
      expect(
        prefix.some((start) => path === start || path.startsWith(`${start}/`)),
        path,
      ).toBe(true);
    }
  });
});

describe("the OpenAPI document", () => {
  const document = openApiDocument("0.0.0");

  it("is OpenAPI 3.1, all of whose references lead somewhere", async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
    const text = JSON.stringify(document);
    for (const [, reference] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = reference!.split("/").reduce<unknown>((at, key) => Object(at)[key] as unknown, document);
      expect(target, reference).toBeDefined();
    }
  });

  it("has every code of the error table, each at a route unless it is about the lack of one", () => {
    const met = new Set<ErrorCode>(apiRoutes.flatMap(errorsOf));
    const codes = Object.keys(errorTable) as ErrorCode[];
    expect(new Set(codes.filter((code) => !met.has(code)))).toEqual(new Set(errorsWithoutRoute));
    const { components } = document as { components: { responses: object } };
    expect(Object.keys(components.responses)).toEqual(expect.arrayContaining(codes));
  });

  it("has schemas that are JSON Schema, and examples that fit them", () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ ...document, $id: "lakehouse" });
    for (const { id, body } of apiRoutes) {
      for (const [mediaType, { schema, example }] of Object.entries(body?.content ?? {})) {
        if (example === undefined) continue;
        expect(schema.safeParse(example).error, id).toBeUndefined();
        const path = `paths/${escaped(apiRoutes.find((route) => route.id === id)!.path)}`;
        const method = apiRoutes.find((route) => route.id === id)!.method.toLowerCase();
        const at = `lakehouse#/${path}/${method}/requestBody/content/${escaped(mediaType)}/schema`;
        expect(ajv.validate({ $ref: at }, example), `${id}: ${ajv.errorsText()}`).toBe(true);
      }
    }
  });

  it("gives each operation an id of its own", () => {
    expect(new Set(apiRoutes.map(({ id }) => id)).size).toBe(apiRoutes.length);
  });
});

/** As a JSON pointer in a URI has it. */
function escaped(key: string): string {
  return encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"));
}
