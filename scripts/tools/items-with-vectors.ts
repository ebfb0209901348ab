import { readFileSync } from "node:fs";

const [itemsPath, vectorsPath] = process.argv.slice(2);
if (itemsPath === undefined || vectorsPath === undefined) {
  console.error("usage: scripts/items-with-vectors ITEMS.ndjson VECTORS.json > BATCH.json");
  process.exit(2);
}
const items = readFileSync(itemsPath, "utf8").trimEnd().split("\n");
const { vectors } = JSON.parse(readFileSync(vectorsPath, "utf8")) as { vectors: number[][] };
if (items.length !== vectors.length) {
  console.error(`scripts/items-with-vectors: ${items.length} items, but ${vectors.length} vectors`);
  process.exit(1);
}
const whole = items.map((line, position) => ({ ...JSON.parse(line), vector: vectors[position] }));
process.stdout.write(JSON.stringify({ items: whole }));
