/** Looks that events ask for. */
export interface Trigger {
  /** Looks at once, and a while later: an event may be ahead of what the API and git answer. Many events at once are few looks. */
  event(): void;
  close(): void;
}

/** Milliseconds between two looks at least, and from the last event to the last look. */
const SPACING = 1_000;
const LATER = 3_000;

export function startTrigger(look: () => void): Trigger {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let soon: NodeJS.Timeout | undefined;
  let later: NodeJS.Timeout | undefined;
  const lookNow = () => {
    soon = undefined;
    lookedAt = performance.now();
    look();
  };
  return {
    event: () => {
      const rest = lookedAt + SPACING - performance.now();
      if (rest <= 0) lookNow();
      else soon ??= setTimeout(lookNow, rest);
      clearTimeout(later);
      later = setTimeout(lookNow, LATER);
    },
    close: () => {
      clearTimeout(soon);
      clearTimeout(later);
    },
  };
}
