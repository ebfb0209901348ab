import {
  errorBodySchema,
  gcResultSchema,
  manifestListSchema,
  manifestSchema,
  registerResultSchema,
  schemaConflictDetailsSchema,
} from "@lakehouse/contracts";
import { ask } from "@lakehouse/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Processes, startProcesses, storedKeys, upload } from "./processes.ts";
import { datasetObject, OTHER_FINGERPRINT, registerRequest } from "./requests.ts";

let processes: Processes;
let url: string;

beforeAll(async () => {
  processes = await startProcesses();
  url = `${processes.catalogd.url}/catalog`;
});
afterAll(() => processes[Symbol.asyncDispose]());

test("a register answers the manifest and keeps it as Parquet where a person would look", async () => {
  const stats = { zip: { min: "00501", max: "99950", null_count: 1 } };
  const objects = [{ ...datasetObject("datasets/people/f/1.parquet"), stats }];
  const { status, body } = await register(registerRequest("people", [], { objects, row_count: 10 }));
  expect(status).toBe(200);
  const { manifest, existing } = registerResultSchema.strict().parse(body);
  expect(existing).toBe(false);
  expect(manifest).toMatchObject({ name: "people", row_count: 10, objects });
  expect(manifest.created_at).toBe(manifest.updated_at);
  expect(await storedKeys(processes.storaged, "_catalog/")).toContain("_catalog/manifests/people.parquet");

  const again = await register(registerRequest("people", ["datasets/people/f/2.parquet"]));
  expect(again.body).toMatchObject({
    existing: true,
    manifest: { dataset_id: manifest.dataset_id, created_at: manifest.created_at, row_count: 10 },
  });
  expect(again.body.manifest.updated_at > manifest.updated_at).toBe(true);
});

test("an append adds objects, and lists none of them twice", async () => {
  await register(registerRequest("log", ["datasets/log/f/1"]));
  const append = registerRequest("log", ["datasets/log/f/1", "datasets/log/f/2"], { mode: "append" });
  const { body } = await register(append);
  expect(body.manifest.objects.map(({ key }: { key: string }) => key)).toEqual([
    "datasets/log/f/1",
    "datasets/log/f/2",
  ]);
  expect(body.manifest.row_count).toBe(20);
});

test("a manifest has an ETag that changes with it, and 304 for who holds it", async () => {
  await register(registerRequest("tagged"));
  const manifestUrl = `${url}/manifest/tagged`;
  const first = await ask("GET", manifestUrl);
  manifestSchema.strict().parse(first.body);
  const etag = first.headers.get("etag")!;
  expect(etag).toMatch(/^"[^"]+"$/);

  const held = await ask("GET", manifestUrl, undefined, { "if-none-match": `"other", W/${etag}` });
  expect(held).toMatchObject({ status: 304, body: undefined });
  expect(held.headers.get("etag")).toBe(etag);

  await register(registerRequest("tagged", ["datasets/tagged/f/1"]));
  const changed = await ask("GET", manifestUrl, undefined, { "if-none-match": etag });
  expect(changed.status).toBe(200);
  expect(changed.headers.get("etag")).not.toBe(etag);
});

test("the list is by name, counted, and has an ETag that any change of any dataset moves", async () => {
  for (const name of ["zz_last", "0first"]) await register(registerRequest(name));
  const first = await ask("GET", `${url}/list`);
  const { manifests, count } = manifestListSchema.strict().parse(first.body);
  const names = manifests.map(({ name }) => name);
  expect(names).toEqual([...names].sort((a, b) => (a < b ? -1 : 1)));
  expect(count).toBe(manifests.length);

  const headers = { "if-none-match": first.headers.get("etag")! };
  expect((await ask("GET", `${url}/list`, undefined, headers)).status).toBe(304);
  await ask("DELETE", `${url}/manifest/0first`);
  const changed = await ask("GET", `${url}/list`, undefined, headers);
  expect(changed).toMatchObject({ status: 200, body: { count: count - 1 } });
});

test("a dataset that is deleted is gone, from the store too, and its name is free", async () => {
  await register(registerRequest("brief"));
  expect(await ask("DELETE", `${url}/manifest/brief`)).toMatchObject({ status: 204, body: undefined });
  expect(await storedKeys(processes.storaged, "_catalog/manifests/brief")).toEqual([]);
  for (const method of ["GET", "DELETE"]) await refused(ask(method, `${url}/manifest/brief`), 404, "dataset_not_found");
  expect((await register(registerRequest("brief", [], { schema_fingerprint: OTHER_FINGERPRINT }))).status).toBe(200);
});

test("another schema is 409 with the whole difference, and alters nothing", async () => {
  await register(registerRequest("drift"));
  const before = await ask("GET", `${url}/manifest/drift`);
  const columns = [
    { name: "id", type: "VARCHAR" },
    { name: "city", type: "VARCHAR" },
  ];
  const offer = registerRequest("drift", [], { schema_fingerprint: OTHER_FINGERPRINT, columns });
  const { details } = await refused(register(offer), 409, "schema_conflict");
  expect(schemaConflictDetailsSchema.strict().parse(details)).toMatchObject({
    offered_fingerprint: OTHER_FINGERPRINT,
    added: [{ name: "city", type: "VARCHAR" }],
    removed: [{ name: "zip", type: "VARCHAR" }],
    changed: [{ name: "id", registered: "BIGINT", offered: "VARCHAR" }],
  });
  expect((await ask("GET", `${url}/manifest/drift`)).headers.get("etag")).toBe(before.headers.get("etag"));
});

test("of Foo and foo at once, one is registered", async () => {
  const answers = await Promise.all(["Twin", "twin", "TWIN"].map((name) => register(registerRequest(name))));
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409, 409]);
  const conflict = answers.find(({ status }) => status === 409);
  expect(conflict?.body).toMatchObject({ code: "name_conflict" });
});

test.each([
  ["an empty name", { name: "" }, "invalid_name"],
  ["a name that begins with a dot", { name: ".x" }, "invalid_name"],
  ["a name of 129 characters", { name: "x".repeat(129) }, "invalid_name"],
  ["an empty fingerprint", { schema_fingerprint: "" }, "invalid_fingerprint"],
  ["a fingerprint that is a path", { schema_fingerprint: "../x" }, "invalid_fingerprint"],
  ["an object key that climbs out", { objects: [datasetObject("datasets/../../x")] }, "invalid_key"],
  ["an object of vectord's", { objects: [datasetObject("_vectors/v.lhv1")] }, "invalid_key"],
  ["a manifest as an object", { objects: [datasetObject("_catalog/manifests/a.parquet")] }, "invalid_key"],
  ["a type that is SQL", { columns: [{ name: "a", type: "VARCHAR); DROP" }] }, "invalid_type"],
  ["a type that is huge", { columns: [{ name: "a", type: "INTEGER[99999999]" }] }, "invalid_type"],
  ["a column with a NUL", { columns: [{ name: "a\0b", type: "BIGINT" }] }, "invalid_request"],
  [
    "more NULLs than rows",
    { objects: [{ ...datasetObject("k"), stats: { zip: { min: null, max: null, null_count: 11 } } }] },
    "invalid_request",
  ],
  ["no columns", { columns: [] }, "invalid_request"],
  ["a row count below zero", { row_count: -1 }, "invalid_request"],
  ["a mode that is none", { mode: "merge" }, "invalid_request"],
  ["an unknown key", { colums: [] }, "invalid_request"],
  ["a column twice", { columns: ["a", "A"].map((name) => ({ name, type: "BIGINT" })) }, "invalid_request"],
])("%s is 400", async (_what, overrides, code) => {
  await refused(register({ ...registerRequest("fine"), ...overrides }), 400, code);
  await refused(ask("GET", `${url}/manifest/fine`), 404, "dataset_not_found");
});

test("a schema that does not fit is told by path", async () => {
  const objects = [{ key: "k", size: "big", row_count: 1 }];
  const { details } = await refused(register({ ...registerRequest("fine"), objects }), 400, "invalid_request");
  expect(details).toMatchObject([{ path: "objects.0.size" }]);
});

test("names of 128 characters, with dots and dashes, go all the way", async () => {
  const name = `_${"a.b-".repeat(31)}xyz`;
  expect(name).toHaveLength(128);
  expect((await register(registerRequest(name))).status).toBe(200);
  expect((await ask("GET", `${url}/manifest/${name}`)).body.name).toBe(name);
  expect((await ask("DELETE", `${url}/manifest/${name}`)).status).toBe(204);
});

test("a known path with another method is 405 with what it allows", async () => {
  const answer = await ask("PUT", `${url}/list`);
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toContain("GET");
});

test("garbage is told by a dry run, then removed; what is listed stays", async () => {
  await upload(processes.storaged, "datasets/kept/f/1", "listed");
  await register(registerRequest("kept", ["datasets/kept/f/1"]));
  await upload(processes.storaged, "datasets/kept/f/0", "unlisted");
  await upload(processes.storaged, "elsewhere/0", "not ours");

  const dry = await ask("POST", `${url}/gc`, { dry_run: true });
  expect(gcResultSchema.strict().parse(dry.body)).toMatchObject({
    dry_run: true,
    garbage: [{ key: "datasets/kept/f/0", size: 8 }],
    removed: 0,
  });
  const { body } = await ask("POST", `${url}/gc`, {});
  expect(body).toMatchObject({ dry_run: false, garbage: [{ key: "datasets/kept/f/0" }], removed: 1, bytes: 8 });
  expect(await storedKeys(processes.storaged, "datasets/")).toEqual(["datasets/kept/f/1"]);
  expect(await storedKeys(processes.storaged, "elsewhere/")).toEqual(["elsewhere/0"]);
});

test.each([
  ["no body", {}],
  ["an empty body of JSON", { body: "", headers: { "content-type": "application/json" } }],
  ["an empty body of curl's", { body: "", headers: { "content-type": "application/x-www-form-urlencoded" } }],
])("a collection takes %s", async (_what, options) => {
  const response = await fetch(`${url}/gc`, { method: "POST", ...options });
  expect([response.status, await response.json()]).toMatchObject([200, { dry_run: false, removed: 0, bytes: 0 }]);
});

test("a collection's body is checked as any other", async () => {
  await refused(ask("POST", `${url}/gc`, { dry_run: "yes" }), 400, "invalid_request");
  const broken = await fetch(`${url}/gc`, {
    method: "POST",
    body: "{",
    headers: { "content-type": "application/json" },
  });
  expect([broken.status, await broken.json()]).toMatchObject([400, { code: "invalid_json" }]);
});

test("figures: datasets, registers by outcome, what was collected", async () => {
  const metrics = await (await fetch(`${processes.catalogd.url}/metrics`)).text();
  const { count } = (await ask("GET", `${url}/list`)).body;
  expect(metrics).toContain(`catalogd_datasets{service="catalogd"} ${count}`);
  expect(metrics).toMatch(/catalogd_registers_total\{outcome="created",service="catalogd"\} [1-9]/);
  expect(metrics).toMatch(/catalogd_registers_total\{outcome="appended",service="catalogd"\} 1/);
  expect(metrics).toMatch(/catalogd_registers_total\{outcome="schema_conflict",service="catalogd"\} 1/);
  expect(metrics).toMatch(/catalogd_gc_removed_objects_total\{service="catalogd"\} 1/);
  expect(metrics).toMatch(/catalogd_gc_removed_bytes_total\{service="catalogd"\} 8/);
});

function register(body: unknown) {
  return ask("POST", `${url}/register`, body);
}

async function refused(answer: ReturnType<typeof ask>, status: number, code: string) {
  const { status: got, body } = await answer;
  expect([got, body.code], body.error).toEqual([status, code]);
  return errorBodySchema.parse(body);
}
