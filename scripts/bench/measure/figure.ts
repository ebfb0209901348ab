/** One figure of a bench, taken of ours and of its peers in turn in one run. */
export interface Figure {
  what: string;
  unit: string;
  better: "less" | "more";
  /** A value a round, by name; ours first, then its peers. */
  measured: Record<string, number[]>;
  reaches?: Reach[];
  /** What our processes took for it. */
  costs?: Cost[];
}

/** What is aimed at: so many times a peer (and so much more), or a limit where no peer is the measure. */
export type Reach = { peer: string; factor: number; plus?: number } | { limit: number };

export interface Cost {
  process: string;
  /** Resident, at its highest. */
  peakMiB?: number;
  cpuSeconds?: number;
}

/** All that one bench found out, as it lies in docs/baseline. */
export interface BenchResult {
  bench: string;
  command: string;
  /** Small sizes and one round: it shows that the bench works, and nothing else. */
  isQuick: boolean;
  date: string;
  /** Load average of the last minute when it started. */
  loadAtStart: number;
  minutes: number;
  machine: string;
  versions: Record<string, string>;
  sections: Section[];
  /** Such as a peer that could not be had. */
  notes: string[];
}

/** Figures that were taken under the same conditions. */
export interface Section {
  title: string;
  figures: Figure[];
}

/** Middle and range of some values. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

export interface Outcome {
  isMet: boolean;
  /** How many times as good as the peer, or as the limit: 2 is twice the rate, or half the time. */
  score: number;
  /** The score that was aimed at. */
  aim: number;
}

export function oursOf({ measured }: Figure): number[] {
  return Object.values(measured)[0]!;
}

/** Peers by name. */
export function peersOf({ measured }: Figure): [string, number[]][] {
  return Object.entries(measured).slice(1);
}

/** Ours over a peer's, round by round, so that what slowed a round down slowed both; over the peer's median where it ran another number of rounds. */
export function ratioTo(figure: Figure, peer: string): Spread {
  return spreadOf(pairs(figure, peer).map(([ours, theirs]) => ours / theirs));
}

export function outcomeOf(figure: Figure, reach: Reach): Outcome {
  const direction = figure.better === "more" ? 1 : -1;
  const rounds = roundsFor(figure, reach);
  const middle = (part: (round: Round) => number) => median(rounds.map(part)) ** direction;
  return {
    score: middle(({ ours, measure }) => ours / measure),
    aim: middle(({ aimed, measure }) => aimed / measure),
    isMet: middle(({ ours, aimed }) => ours / aimed) >= 1,
  };
}

/** Those that can be held against something: a peer that could not be had is no measure. */
export function reachesOf({ reaches = [], measured }: Figure): Reach[] {
  return reaches.filter((reach) => "limit" in reach || reach.peer in measured);
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.floor(sorted.length / 2)]!) / 2;
}

/** @param part 0.99 is what 99 of 100 do not exceed */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
}

interface Round {
  ours: number;
  /** What it is measured by. */
  measure: number;
  aimed: number;
}

function roundsFor(figure: Figure, reach: Reach): Round[] {
  if ("limit" in reach) return oursOf(figure).map((ours) => ({ ours, measure: reach.limit, aimed: reach.limit }));
  const { peer, factor, plus = 0 } = reach;
  return pairs(figure, peer).map(([ours, measure]) => ({ ours, measure, aimed: factor * measure + plus }));
}

function pairs(figure: Figure, peer: string): [number, number][] {
  const [ours, theirs] = [oursOf(figure), figure.measured[peer]!];
  return ours.map((value, round) => [value, ours.length === theirs.length ? theirs[round]! : median(theirs)]);
}
