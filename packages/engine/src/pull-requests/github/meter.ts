import type { ApiUse } from "@perch/core";

const MINUTE = 60_000;
const MINUTES = 60;

/** Counts requests of the last hour, by the minute. */
export interface Meter {
  /** @param headers of the answer, for what is left of GitHub's hour. */
  count(isUnmodified: boolean, headers: Readonly<Record<string, string | number | undefined>>): void;
  use(): ApiUse;
}

interface Minute {
  readonly at: number;
  requests: number;
  unmodified: number;
}

/** @param now milliseconds of a clock that never jumps. */
export function startMeter(now: () => number = () => performance.now()): Meter {
  let minutes: Minute[] = [];
  let left: Pick<ApiUse, "remaining" | "limit"> = {};
  const current = () => {
    const at = Math.floor(now() / MINUTE);
    minutes = minutes.filter((minute) => minute.at > at - MINUTES);
    const last = minutes.at(-1);
    if (last?.at === at) return last;
    const minute = { at, requests: 0, unmodified: 0 };
    minutes.push(minute);
    return minute;
  };
  return {
    count: (isUnmodified, headers) => {
      const minute = current();
      minute.requests += 1;
      if (isUnmodified) minute.unmodified += 1;
      const remaining = wholeNumber(headers["x-ratelimit-remaining"]);
      const limit = wholeNumber(headers["x-ratelimit-limit"]);
      if (remaining !== undefined && limit !== undefined) left = { remaining, limit };
    },
    use: () => {
      current();
      const sum = (key: "requests" | "unmodified") =>
        minutes.reduce((total, minute) => total + minute[key], 0);
      return { requests: sum("requests"), unmodified: sum("unmodified"), ...left };
    },
  };
}

function wholeNumber(value: string | number | undefined): number | undefined {
  const number = Number(value ?? Number.NaN);
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
