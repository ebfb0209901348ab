import type { Caller, RegisterRequest } from "@lakehouse/contracts";
import { describe, expect, it } from "vitest";
import { assertRegisterable } from "./register-request.ts";

const limited: Caller = { name: "partner", scopes: ["catalog:write"], datasets: ["Pub_*"] };

function register(name: string, key: string, caller: Caller | undefined = limited): string {
  const request: RegisterRequest = {
    name,
    schema_fingerprint: "f",
    columns: [{ name: "a", type: "BIGINT" }],
    objects: [{ key, size: 1, row_count: 1 }],
    row_count: 1,
    mode: "replace",
  };
  try {
    assertRegisterable(request, caller);
    return "taken";
  } catch (error) {
    return (error as Error).message;
  }
}

describe("a token with a datasets limit", () => {
  it("registers a dataset within it, over an object of one within it", () => {
    expect(register("pub_a", "datasets/PUB_b/1.parquet")).toBe("taken");
  });

  it("registers no other dataset, and no object of one", () => {
    expect(register("secret", "datasets/pub_a/1.parquet")).toContain("a dataset called secret");
    expect(register("pub_a", "datasets/secret/1.parquet")).toContain("a dataset called secret");
    expect(register("pub_a", "datasets/_log/1.parquet")).toContain("a dataset called _log");
  });

  it("registers no object that lies in no dataset's folder, and is told which", () => {
    expect(register("pub_a", "elsewhere/1.parquet")).toContain('"elsewhere/1.parquet" lies in no dataset');
    expect(register("pub_a", "elsewhere/1.parquet", { ...limited, datasets: ["*"] })).toBe("taken");
  });
});
