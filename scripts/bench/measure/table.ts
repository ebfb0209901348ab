import {
  type Cost,
  type Figure,
  oursOf,
  outcomeOf,
  peersOf,
  type Reach,
  ratioTo,
  reachesOf,
  type Spread,
  spreadOf,
} from "./figure.ts";

const HEAD = "| figure | ours | peer | ours ÷ peer | reach | our processes |\n| --- | --- | --- | --- | --- | --- |";

/**
 * A Markdown table: median (least to most) of ours and of each peer, ours over it round by round, and whether the reach is met.
 * @param isQuick says nothing about the reach: small sizes are not what it is about
 */
export function figuresTable(figures: readonly Figure[], isQuick: boolean): string {
  return [HEAD, ...figures.flatMap((figure) => rowsOf(figure, isQuick))].join("\n");
}

/** In a few words, such as `≤ 1.3 × + 2 ms`. */
export function reachText({ better, unit }: Figure, reach: Reach): string {
  const sign = better === "less" ? "≤" : "≥";
  if ("limit" in reach) return `${sign} ${amount(reach.limit)} ${unit}`;
  const { factor, plus } = reach;
  const times = factor === 1 && plus !== undefined ? "peer" : `${amount(factor)} ×`;
  return `${sign} ${times}${plus === undefined ? "" : ` + ${amount(plus)} ${unit}`}`;
}

/** Three digits that count, more where the number is larger. */
export function amount(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

function rowsOf(figure: Figure, isQuick: boolean): string[] {
  const ours = spreadText(spreadOf(oursOf(figure)), figure.unit);
  const costs = (figure.costs ?? []).map(costText).join("; ");
  const aimAt = (isIt: (reach: Reach) => boolean) => {
    const reach = reachesOf(figure).find(isIt);
    return reach === undefined ? "" : aimText(figure, reach, isQuick);
  };
  const limit = aimAt((reach) => "limit" in reach);
  const peers = peersOf(figure).map(([name, runs]) => [
    `${name}: ${spreadText(spreadOf(runs), figure.unit)}`,
    spreadText(ratioTo(figure, name), "×", "**"),
    aimAt((reach) => "peer" in reach && reach.peer === name),
  ]);
  const [[peer = "", ratio = "", aim = ""] = [], ...further] = peers;
  return [
    row(figure.what, ours, peer, ratio, aim || limit, costs),
    ...further.map((cells) => row("", "", ...cells, "")),
  ];
}

function aimText(figure: Figure, reach: Reach, isQuick: boolean): string {
  const verdict = outcomeOf(figure, reach).isMet ? "met" : "**not met**";
  return isQuick ? reachText(figure, reach) : `${reachText(figure, reach)}: ${verdict}`;
}

function spreadText({ median, least, most }: Spread, unit: string, mark = ""): string {
  const middle = `${mark}${amount(median)} ${unit}${mark}`;
  return least === most ? middle : `${middle} (${amount(least)} to ${amount(most)})`;
}

function costText({ process, peakMiB, cpuSeconds }: Cost): string {
  const memory = peakMiB === undefined ? [] : [`${amount(peakMiB)} MiB`];
  const cpu = cpuSeconds === undefined ? [] : [`${amount(cpuSeconds)} s CPU`];
  return `${process} ${[...memory, ...cpu].join(", ")}`;
}

function row(...cells: string[]): string {
  return `| ${cells.join(" | ")} |`.replaceAll(/ {2,}/g, " ");
}
