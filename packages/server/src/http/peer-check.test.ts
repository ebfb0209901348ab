import { LakehouseError } from "@lakehouse/core";
import { expect, it } from "vitest";
import { peerCheck } from "./peer-check.ts";

const away = () => Promise.reject(new LakehouseError("upstream_unavailable", "storaged can't be reached."));

it("says what becomes of the service without the peer", async () => {
  expect(await peerCheck(async () => {})).toEqual({ status: "ok" });
  expect(await peerCheck(away)).toEqual({ status: "unavailable", message: "storaged can't be reached." });
  const options = { without: "degraded", consequence: "Searches are served.", details: { name: "x" } } as const;
  expect(await peerCheck(away, options)).toEqual({
    status: "degraded",
    message: "storaged can't be reached. Searches are served.",
    details: { name: "x" },
  });
});
