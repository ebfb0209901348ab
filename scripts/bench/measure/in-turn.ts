/** Runs each side once a round, in turn, so that what else the machine does hits all of them. @returns a value a round, by name */
export async function inTurn(
  rounds: number,
  sides: Record<string, () => number | Promise<number>>,
): Promise<Record<string, number[]>> {
  const measured = Object.fromEntries(Object.keys(sides).map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(sides)) measured[name]!.push(await run());
  }
  return measured;
}

/** Milliseconds. */
export async function timeOf(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Hands the items out to so many workers, each taking the next as soon as it is done. @returns milliseconds of each */
export async function byWorkers<T>(
  items: readonly T[],
  workers: number,
  work: (item: T) => Promise<unknown>,
): Promise<number[]> {
  const left = items.values();
  const times: number[] = [];
  const worker = async () => {
    for (const item of left) times.push(await timeOf(() => work(item)));
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return times;
}
