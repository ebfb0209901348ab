import { Counter, Gauge, type Registry } from "prom-client";

/** By name: what the figure is, and how it is read when it is scraped. One that is undefined now stays as it was. */
export type Figures = Record<string, [help: string, read: () => number | Promise<number | undefined>]>;

export function addGauges(registry: Registry, figures: Figures): void {
  for (const [name, [help, read]] of Object.entries(figures)) {
    const gauge = new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const value = await read();
        if (value !== undefined) gauge.set(value);
      },
    });
  }
}

/** Totals that somebody else counts. */
export function addCounters(registry: Registry, figures: Record<string, [help: string, read: () => number]>): void {
  for (const [name, [help, read]] of Object.entries(figures)) {
    const counter = new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        counter.reset();
        counter.inc(read());
      },
    });
  }
}
