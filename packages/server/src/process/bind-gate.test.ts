import { expect, it } from "vitest";
import { assertBindAllowed } from "./bind-gate.ts";

const allowed = { LAKEHOUSE_ALLOW_NONLOOPBACK: "1" };

it.each(["127.0.0.1", "127.9.9.9", "::1", "localhost", "::ffff:127.0.0.1"])("%s needs nothing", (host) => {
  expect(() => assertBindAllowed("queryd", host, false, {})).not.toThrow();
});

it.each(["0.0.0.0", "::", "10.0.0.1", "example.org"])("%s needs a token and the variable", (host) => {
  expect(() => assertBindAllowed("queryd", host, false, allowed)).toThrow(/auth\.token/);
  expect(() => assertBindAllowed("queryd", host, true, {})).toThrow(/LAKEHOUSE_ALLOW_NONLOOPBACK=1/);
  expect(() => assertBindAllowed("queryd", host, true, allowed)).not.toThrow();
});
