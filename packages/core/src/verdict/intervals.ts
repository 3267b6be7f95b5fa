/** Between these a value lies, as far as a sample can tell. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Standard deviations to either side: 99 of 100 intervals hold the true value. A verdict is asked for again and again, so the usual 95
 * would cry wolf every other day.
 */
export const CONFIDENCE = 2.576;

/**
 * The interval of a proportion: Wilson's score interval (1927), which holds for few trials and for none that hit.
 * @param trials above 0.
 */
export function proportionInterval(hits: number, trials: number, z = CONFIDENCE): Interval {
  const z2 = z ** 2;
  const ratio = hits / trials;
  const center = (ratio + z2 / (2 * trials)) / (1 + z2 / trials);
  const half = (z / (1 + z2 / trials)) * Math.sqrt((ratio * (1 - ratio)) / trials + z2 / (4 * trials ** 2));
  return { low: Math.max(0, center - half), high: Math.min(1, center + half) };
}

/** So many of so many. */
export interface Proportion {
  readonly hits: number;
  /** Above 0. */
  readonly trials: number;
}

/**
 * How much a proportion is over another one, at least and at most: Newcombe's hybrid score interval (Statistics in Medicine 17,
 * 1998, method 10).
 */
export function differenceInterval(over: Proportion, under: Proportion, z = CONFIDENCE): Interval {
  const [p, q] = [over.hits / over.trials, under.hits / under.trials];
  const a = proportionInterval(over.hits, over.trials, z);
  const b = proportionInterval(under.hits, under.trials, z);
  return {
    low: p - q - Math.hypot(p - a.low, b.high - q),
    high: p - q + Math.hypot(a.high - p, q - b.low),
  };
}
