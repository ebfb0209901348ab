import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { LineBatch } from "./line-batch.ts";

test("what is written in one turn goes out in one piece and in order, before the next turn", async () => {
  const pieces: string[] = [];
  const lines = new LineBatch({ write: (piece) => pieces.push(piece) });
  lines.write("a\n");
  lines.write("b\n");
  expect(pieces).toEqual([]);
  await nextTurn();
  lines.write("c\n");
  lines.flush();
  expect(pieces).toEqual(["a\nb\n", "c\n"]);
  await nextTurn();
  expect(pieces).toHaveLength(2);
});
