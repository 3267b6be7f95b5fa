/** Minimum, median and maximum of some runs, and the quartiles between. */
export interface Spread {
  readonly min: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
  return { min: at(0), low: at(0.25), median: at(0.5), high: at(0.75), max: at(1) };
}

/** One line of a table: `what  min  median  max  unit`. */
export function print(what: string, { min, median, max }: Spread, unit: string): void {
  const numbers = [min, median, max].map((value) => value.toFixed(2).padStart(8)).join("");
  process.stdout.write(`${what.padEnd(56)}${numbers} ${unit}\n`);
}
