import {
  type Figure,
  oursOf,
  outcomeOf,
  type Reach,
  ratioTo,
  reachesOf,
  spreadOf,
} from "../../bench/measure/figure.ts";
import { amount, reachText } from "../../bench/measure/table.ts";
import { type TakenBench, takenBenches } from "./baseline-results.ts";

const WIDTH = 960;
const ROW_HEIGHT = 19;
const HEAD_HEIGHT = 84;
const PLOT = { left: 396, right: 736 };
/** Powers of two at both ends of the axis; what lies beyond is drawn at the end. */
const EXPONENT_MAX = 4;

/** Light unless the reader's system is dark; the ground is drawn too, so that a viewer that knows no media queries shows it well. */
const STYLE = `
  .ground { fill: #ffffff } text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 } .group { font-weight: 600 } .quiet { fill: #59636e; font-size: 11px }
  .grid { stroke: #d8dee4 } .one { stroke: #1f2328; stroke-width: 1.5 }
  .met { fill: #1a7f37; stroke: #1a7f37 } .short { fill: #ffffff; stroke: #bc4c00; stroke-width: 2 }
  .met-bar { stroke: #1a7f37 } .short-bar { stroke: #bc4c00 } .aim { stroke: #0969da; stroke-width: 2.5 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9198a1 } .grid { stroke: #2b323b } .one { stroke: #e6edf3 }
    .met { fill: #3fb950; stroke: #3fb950 } .short { fill: #0d1117; stroke: #f0883e } .met-bar { stroke: #3fb950 } .short-bar { stroke: #f0883e }
    .aim { stroke: #58a6ff }
  }`;

interface Row {
  label: string;
  value: string;
  score: number;
  aim: number;
  isMet: boolean;
  hasPeer: boolean;
}

interface Group {
  title: string;
  rows: Row[];
}

/** docs/baseline.svg: a row for each figure that has a reach, on an axis of how many times as good as the peer it is. */
export function baselineChart(): string {
  return chartOf(takenBenches().flatMap(groupsOf));
}

export function chartOf(groups: readonly Group[]): string {
  const lines = groups.flatMap(({ title, rows }) => [title, ...rows]);
  const bottom = HEAD_HEIGHT + lines.length * ROW_HEIGHT + 4;
  const height = bottom + 26;
  const body = lines.map((line, i) => {
    const y = HEAD_HEIGHT + i * ROW_HEIGHT + ROW_HEIGHT / 2;
    return typeof line === "string" ? groupLine(line, y) : rowLine(line, y);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">
<title id="title">How many times as good as its peer each path is, and what is aimed at</title>
<style>${STYLE}
</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>
${legend()}
${axis(bottom)}
${body.join("\n")}
</svg>
`;
}

function groupsOf({ title, result }: TakenBench): Group[] {
  if (result === undefined) return [];
  const quick = result.isQuick ? " (a quick run)" : "";
  return result.sections.flatMap((section) => {
    const rows = section.figures.flatMap((figure) => reachesOf(figure).map((reach) => rowOf(figure, reach)));
    const about = section.title.split(/[:;]|, /)[0]!;
    return rows.length === 0 ? [] : [{ title: `${about === "" ? title : `${title}: ${about}`}${quick}`, rows }];
  });
}

function rowOf(figure: Figure, reach: Reach): Row {
  const hasPeer = "peer" in reach;
  const isOneOfSome = reachesOf(figure).length > 1;
  const value = hasPeer
    ? `${amount(ratioTo(figure, reach.peer).median)} × (${reachText(figure, reach)})`
    : `${amount(spreadOf(oursOf(figure)).median)} (${reachText(figure, reach)})`;
  return {
    label: hasPeer && isOneOfSome ? `${figure.what}, beside ${reach.peer.split(",")[0]}` : figure.what,
    value,
    hasPeer,
    ...outcomeOf(figure, reach),
  };
}

function legend(): string {
  return `<text class="title" x="16" y="26">How many times as good as its peer: as fast, or as small</text>
<circle class="met" cx="22" cy="45" r="4.5"/><text x="34" y="49">reaches what is aimed at</text>
<circle class="short" cx="200" cy="45" r="4"/><text x="212" y="49">falls short of it</text>
<line class="aim" x1="330" y1="38" x2="330" y2="52"/><text x="340" y="49">what is aimed at</text>
<rect class="met" x="457" y="41" width="8" height="8"/><text x="474" y="49">has no peer: the line at 1 is its limit</text>
<text class="quiet" x="${PLOT.right + 14}" y="${HEAD_HEIGHT - 10}">ours ÷ peer (reach)</text>`;
}

function axis(bottom: number): string {
  const exponents = Array.from({ length: 2 * EXPONENT_MAX + 1 }, (_, i) => i - EXPONENT_MAX);
  return exponents
    .map((exponent) => {
      const x = position(2 ** exponent);
      const text = exponent < 0 ? `1/${2 ** -exponent}` : `${2 ** exponent}`;
      const labels = [HEAD_HEIGHT - 10, bottom + 16].map(
        (y) => `<text class="quiet" x="${x}" y="${y}" text-anchor="middle">${text}</text>`,
      );
      const line = `<line class="${exponent === 0 ? "one" : "grid"}" x1="${x}" y1="${HEAD_HEIGHT - 4}" x2="${x}" y2="${bottom}"/>`;
      return [line, ...labels].join("");
    })
    .join("\n");
}

function groupLine(title: string, y: number): string {
  return `<text class="group" x="16" y="${y + 4}">${escaped(title)}</text>`;
}

function rowLine({ label, value, score, aim, isMet, hasPeer }: Row, y: number): string {
  const [at, aimAt] = [position(score), position(aim)];
  const kind = isMet ? "met" : "short";
  const mark = hasPeer
    ? `<circle class="${kind}" cx="${at}" cy="${y}" r="4.5"/>`
    : `<rect class="${kind}" x="${at - 4}" y="${y - 4}" width="8" height="8"/>`;
  return [
    `<text x="${PLOT.left - 18}" y="${y + 4}" text-anchor="end">${escaped(label)}</text>`,
    `<line class="${kind}-bar" x1="${aimAt}" y1="${y}" x2="${at}" y2="${y}"/>`,
    `<line class="aim" x1="${aimAt}" y1="${y - 6}" x2="${aimAt}" y2="${y + 6}"/>`,
    mark,
    `<text class="quiet" x="${PLOT.right + 14}" y="${y + 4}">${escaped(value)}</text>`,
  ].join("");
}

/** On a logarithmic axis with 1 in the middle. */
function position(score: number): number {
  const exponent = Math.max(-EXPONENT_MAX, Math.min(EXPONENT_MAX, Math.log2(score)));
  const middle = (PLOT.left + PLOT.right) / 2;
  return Number((middle + (exponent / EXPONENT_MAX) * ((PLOT.right - PLOT.left) / 2)).toFixed(1));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
