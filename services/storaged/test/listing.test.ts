import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listResultSchema } from "@lakehouse/contracts";
import { inKeyOrder, objectKeySets } from "@lakehouse/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openStoraged } from "./open-storaged.ts";

type Storaged = Awaited<ReturnType<typeof openStoraged>>;

async function list({ call }: Storaged, query: Record<string, string> = {}) {
  const answer = await call("GET", `/storage/list?${new URLSearchParams(query)}`);
  return listResultSchema.strict().parse(answer.json());
}

test("an empty bucket lists nothing", async () => {
  const storaged = await openStoraged();
  expect(await list(storaged)).toEqual({ prefix: "", objects: [], truncated: false, next_cursor: null });
});

test("pages follow their cursor to the end, in the order of UTF-8 bytes", async () => {
  const storaged = await openStoraged();
  await fc.assert(
    fc.asyncProperty(objectKeySets, fc.integer({ min: 1, max: 5 }), async (keys, limit) => {
      for (const key of keys) await storaged.put(encodeURIComponent(key), "");
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await list(storaged, { limit: String(limit), ...(cursor === null ? {} : { cursor }) });
        expect(page.truncated).toBe(page.next_cursor !== null);
        seen.push(...page.objects.map(({ key }) => key));
        cursor = page.next_cursor;
      } while (cursor !== null);
      expect(seen).toEqual(inKeyOrder(keys));
      for (const key of keys) await storaged.call("DELETE", `/storage/delete/${encodeURIComponent(key)}`);
    }),
    { numRuns: 40 },
  );
});

test("a cursor goes on where it was, whatever was added or removed meanwhile", async () => {
  const storaged = await openStoraged();
  for (const key of ["b", "d", "f"]) await storaged.put(key);
  const { next_cursor } = await list(storaged, { limit: "2" });
  await storaged.call("DELETE", "/storage/delete/d");
  for (const key of ["a", "e"]) await storaged.put(key);
  const rest = await list(storaged, { cursor: next_cursor! });
  expect(rest.objects.map(({ key }) => key)).toEqual(["e", "f"]);
});

test.each([
  ["limit=0", "limit"],
  ["limit=10001", "limit"],
  ["limit=ten", "limit"],
  ["limit=1.5", "limit"],
  ["cursor=", "cursor"],
  ["cursor=not-one", "cursor"],
  ["cursor=Li4vLi4veA", "cursor"],
  ["prefix=a&prefix=b", "prefix"],
  ["prefx=a", ""],
])("?%s is invalid_request", async (query, path) => {
  const { call } = await openStoraged();
  const refused = await call("GET", `/storage/list?${query}`);
  expect([refused.status, refused.json().code]).toEqual([400, "invalid_request"]);
  expect(refused.json().details).toMatchObject([{ path, message: expect.any(String) }]);
});

test("10,000 objects are one page, one more is the next", async () => {
  const storaged = await openStoraged();
  const names = Array.from({ length: 10_001 }, (_, index) => `many/${String(index).padStart(5, "0")}`);
  mkdirSync(join(storaged.folder, "primary", "many"));
  for (const name of names) writeFileSync(join(storaged.folder, "primary", name), "");
  const page = await list(storaged);
  expect(page.objects.map(({ key }) => key)).toEqual(names.slice(0, -1));
  expect(page.truncated).toBe(true);
  const rest = await list(storaged, { cursor: page.next_cursor! });
  expect(rest).toMatchObject({ objects: [{ key: names.at(-1), size: 0 }], truncated: false });
});
