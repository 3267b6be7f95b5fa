import { type Spread, spread } from "../figures.ts";
import type { Pinned } from "./pinned.ts";

/** What each contender took, run by run. */
export type Figures = Map<string, Taken>;

export interface Taken {
  readonly perSecond: number[];
  /** Microseconds of the process's CPU for one request: it hardly depends on what else the machine does. */
  readonly cpu: number[];
}

/** Warms a process up, then loads it and writes down what it took. */
export async function measureCpu(
  figures: Figures,
  name: string,
  process: Pinned,
  { seconds, once }: { seconds: number; once: (seconds: number) => Promise<number> },
): Promise<void> {
  await once(5);
  const before = await process.cpu();
  const perSecond = await once(seconds);
  const cpu = (((await process.cpu()) - before) * 1_000_000) / (perSecond * seconds);
  const taken = figures.get(name) ?? { perSecond: [], cpu: [] };
  taken.perSecond.push(perSecond);
  taken.cpu.push(cpu);
  figures.set(name, taken);
}

/** A table with, for each subject and contender, what it took and how much of the base's work it gets done. */
export function reportRatios(
  figures: Figures,
  subjects: readonly string[],
  contenders: readonly string[],
  base: string,
): void {
  process.stdout.write(
    `| | requests/s | ÷ ${base} | µs CPU a request | ${base} ÷ |\n|---|---|---|---|---|\n`,
  );
  for (const subject of subjects) {
    const bases = figures.get(`${subject} ${base}`);
    for (const contender of contenders) {
      const taken = figures.get(`${subject} ${contender}`);
      if (taken === undefined || bases === undefined) continue;
      const [rate, cpu] = [spread(taken.perSecond), spread(taken.cpu)];
      const cells = [
        text(rate, 0),
        (rate.median / spread(bases.perSecond).median).toFixed(3),
        text(cpu, 1),
        (spread(bases.cpu).median / cpu.median).toFixed(3),
      ];
      process.stdout.write(`| ${subject}, ${contender} | ${cells.join(" | ")} |\n`);
    }
  }
}

/** `median (minimum–maximum)` */
export function text({ min, median, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}
