/**
 * EXPLAIN ANALYZE lists the files that a scan read, in boxes that stand side by side:
 *
 *     │        Filename(s):       ││        Projections:       │
 *     │   /data/objects/primary/  ││         worker_id         │
 *
 * From that heading on, only the lines of a box that tell rows and seconds are kept. Where the lines of the boxes don't
 * add up, as a literal with a box character in it can bring about, the whole line goes.
 */
export function withoutFiles(plan: string): string {
  let band = newBand("");
  const lines = plan.split("\n").map((line) => {
    if (isTopOfBoxes(line)) band = newBand(line);
    return band.redact(line);
  });
  return lines.join("\n");
}

/** Boxes that stand side by side. */
interface Band {
  redact(line: string): string;
}

const boxCharacters = /^[\s┌┐└┘├┤┬┴┼─│]+$/;
const harmlessCell = /^\s*(\(?[\d.]+s\)?|[\d,]+ rows?)?\s*$/;

function isTopOfBoxes(line: string): boolean {
  return line.includes("┌") && boxCharacters.test(line);
}

function newBand(top: string): Band {
  const cellCount = 2 * countOf(top, "┌") + countOf(top, "│") + 1;
  const hidden = new Set<number>();
  let isAllHidden = false;
  return {
    redact(line) {
      const cells = line.split("│");
      const isWhole = cells.length === cellCount;
      for (const [index, cell] of cells.entries()) {
        if (!cell.includes("Filename")) continue;
        hidden.add(index);
        isAllHidden ||= !isWhole;
      }
      if (hidden.size === 0) return line;
      if (!isWhole || isAllHidden) return keepBoxes(line);
      return cells.map((cell, index) => (hidden.has(index) && !harmlessCell.test(cell) ? blank(cell) : cell)).join("│");
    },
  };
}

function countOf(text: string, character: string): number {
  return text.split(character).length - 1;
}

function blank(cell: string): string {
  return " ".repeat(cell.length);
}

function keepBoxes(line: string): string {
  return line.replace(/[^┌┐└┘├┤┬┴┼─│]/g, " ");
}
