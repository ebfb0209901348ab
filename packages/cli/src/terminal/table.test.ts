import fc from "fast-check";
import stringWidth from "string-width";
import { expect, it } from "vitest";
import { printable, renderTable, terminalStyle } from "./table.ts";

const columns = [
  { name: "n", alignRight: true },
  { name: "text", alignRight: false },
];

it("lines up wide and combining characters, and shows NULL", () => {
  const rows = [
    ["1", "日本"],
    ["10", "e\u0301"],
    [null, "👩‍🚀"],
  ];
  const lines = ["    n │ text", "──────┼──────", "    1 │ 日本", "   10 │ e\u0301", " NULL │ 👩‍🚀", ""];
  expect(renderTable(columns, rows).text).toBe(lines.join("\n"));
});

it("puts the bars of any rows into the same column of the terminal", () => {
  // Texts without a bar, so that the first one in a line is the table's.
  const cell = fc.option(fc.string({ unit: "grapheme", maxLength: 90 }).filter((text) => !/[│┼]/.test(text)));
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), (rows) => {
      const lines = renderTable(columns, rows, terminalStyle).text.trimEnd().split("\n");
      expect(lines).toHaveLength(rows.length + 2);
      const bars = lines.map((line) => stringWidth(line.slice(0, line.search(/[│┼]/))));
      expect(new Set(bars).size).toBe(1);
    }),
  );
});

it("shows what would work on a terminal instead of sending it there", () => {
  expect(printable("a\nb\t\u001b[31m\u009b\u202e")).toBe("a\\nb\\t\\u001b[31m\\u009b\\u202e");
});

it("cuts a long value between characters, and says so", () => {
  const { text, isCut } = renderTable(columns, [["1", "日".repeat(100)]]);
  expect([isCut, text.includes(`${"日".repeat(29)}…`)]).toEqual([true, true]);
  expect(renderTable(columns, [["1", "x".repeat(60)]]).isCut).toBe(false);
});
