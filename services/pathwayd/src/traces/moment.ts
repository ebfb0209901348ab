/** Microseconds since 1970: exact in a double until the year 2255. */
export type Moment = number;

/** What a line of the log may name: the years 1700 to 2199, within which each microsecond is a number of its own. */
export const MOMENT_MIN: Moment = Date.UTC(1700, 0, 1) * 1_000;
export const MOMENT_MAX: Moment = Date.UTC(2200, 0, 1) * 1_000;

/** Later than anything that has happened. */
export const NOW: Moment = Number.MAX_SAFE_INTEGER;

const momentPattern = /^(.{19})(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339 in UTC, with six digits of fraction. */
export function formatMoment(moment: Moment): string {
  const milliseconds = Math.floor(moment / 1_000);
  const rest = String(moment - milliseconds * 1_000).padStart(3, "0");
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${rest}Z`;
}

/** The first moment that a time of RFC 3339 names; digits past the sixth are dropped. NaN where it names none. */
export function startOf(time: string): Moment {
  return parseMoment(time, "0");
}

/** The last moment that it names: what is written to the millisecond means all of that millisecond. */
export function endOf(time: string): Moment {
  return parseMoment(time, "9");
}

function parseMoment(time: string, filler: string): Moment {
  const [, whole, fraction = "", zone] = momentPattern.exec(time) ?? [];
  return Date.parse(`${whole}${zone}`) * 1_000 + Number(fraction.slice(0, 6).padEnd(6, filler));
}

/** Gives each event a moment of its own, later than all before it, also where the machine's clock is set back. */
export class EventClock {
  #last: Moment = 0;

  /** No event is later. */
  get last(): Moment {
    return this.#last;
  }

  next(): Moment {
    this.#last = Math.max(Math.floor((performance.timeOrigin + performance.now()) * 1_000), this.#last + 1);
    return this.#last;
  }

  /** An event of an earlier process. */
  observe(moment: Moment): void {
    this.#last = Math.max(this.#last, moment);
  }
}
