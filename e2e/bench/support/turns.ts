import { type Spread, spread } from "../figures.ts";
import type { Pinned } from "./pinned.ts";

/** What one turn gave. */
export interface Sample {
  readonly perSecond: number;
  /** Where it took another time than it was asked to. */
  readonly seconds?: number;
  /** Milliseconds; absent where the load does not tell. */
  readonly p50?: number;
  readonly p99?: number;
}

/** Somebody who is measured against others. */
export interface Contestant {
  readonly name: string;
  /** What takes the work. */
  readonly process: Pinned;
  /** Loads it for so many seconds. */
  load(seconds: number): Promise<Sample>;
}

export interface Turn extends Sample {
  /** Microseconds of the process's CPU for one request. */
  readonly cpu: number;
}

/** Turns by contestant, in the order of rounds. */
export type Turns = ReadonlyMap<string, readonly Turn[]>;

/**
 * Loads everybody in short turns, round by round, while all of them run: what else the machine does meets neighbours in time alike,
 * so that ratios within a round say more than the numbers do. The order changes from round to round.
 */
export async function inTurns(
  contestants: readonly Contestant[],
  { rounds, seconds, warmUp }: { rounds: number; seconds: number; warmUp: number },
): Promise<Turns> {
  const turns = new Map<string, Turn[]>(contestants.map(({ name }) => [name, []]));
  for (const { load } of contestants) await load(warmUp);
  for (let round = 0; round < rounds; round += 1) {
    process.stderr.write(`# round ${round + 1} of ${rounds}\n`);
    const order = contestants.map((_, index) => contestants[(index + round) % contestants.length]);
    for (const contestant of order) {
      if (contestant !== undefined) turns.get(contestant.name)?.push(await turn(contestant, seconds));
    }
  }
  return turns;
}

async function turn({ process, load }: Contestant, seconds: number): Promise<Turn> {
  const before = await process.cpu();
  const sample = await load(seconds);
  const cpu =
    (((await process.cpu()) - before) * 1_000_000) / (sample.perSecond * (sample.seconds ?? seconds));
  return { ...sample, cpu };
}

/** The turns of one start of the contestants, and of later ones. */
export function joinTurns(first: Turns, later: Turns): Turns {
  return new Map([...later].map(([name, turns]) => [name, [...(first.get(name) ?? []), ...turns]]));
}

/** A table: what each took, and how it compares to the base, round by round. */
export function reportTurns(turns: Turns, base: string, unit = "requests"): void {
  const bases = turns.get(base) ?? [];
  const hasTimes = bases.some(({ p99 }) => p99 !== undefined);
  const times = hasTimes ? ["p50 ms", "p99 ms", `p99 ÷ ${base}`] : [];
  const head = ["", `${unit}/s`, `÷ ${base}`, "µs CPU each", `${base} ÷`, ...times];
  process.stdout.write(`| ${head.join(" | ")} |\n|${"---|".repeat(head.length)}\n`);
  for (const [name, own] of turns) {
    const ratio = (of: (turn: Turn, base: Turn) => number) =>
      spread(own.flatMap((turn, round) => (bases[round] === undefined ? [] : [of(turn, bases[round])])));
    const cells = [
      text(spread(own.map(({ perSecond }) => perSecond)), 0),
      text(
        ratio((a, b) => a.perSecond / b.perSecond),
        2,
      ),
      text(spread(own.map(({ cpu }) => cpu)), 1),
      text(
        ratio((a, b) => b.cpu / a.cpu),
        2,
      ),
      ...(hasTimes
        ? [
            text(spread(own.map(({ p50 = Number.NaN }) => p50)), 2),
            text(spread(own.map(({ p99 = Number.NaN }) => p99)), 2),
            text(
              ratio((a, b) => (a.p99 ?? Number.NaN) / (b.p99 ?? Number.NaN)),
              2,
            ),
          ]
        : []),
    ];
    process.stdout.write(`| ${name} | ${cells.join(" | ")} |\n`);
  }
}

/** `median (first quartile–third quartile)` */
export function text({ low, median, high }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}
