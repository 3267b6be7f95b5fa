/** Lets so many builds run at once, and gives each pull request its turn. */
export interface BuildQueue {
  /**
   * Runs a task when a slot is free. An abort ends the waiting at once, so that what is closed in the queue is gone
   * without waiting for the builds of others; a task that has begun is waited for, and has to look at the signal itself.
   * @param owner whose build it is; `undefined`: stable's, which goes first.
   */
  run(owner: string | undefined, signal: AbortSignal, task: () => Promise<void>): Promise<void>;
  /** While true nothing new begins. */
  pause(paused: boolean): void;
}

interface Waiting {
  readonly owner: string | undefined;
  readonly begin: () => void;
}

interface Slot {
  readonly owner: string | undefined;
  /** It has had its slot for so long that it does not count any more. */
  slow: boolean;
}

/**
 * Milliseconds after which a build that still runs gives its slot to those that wait: what hangs in one pull request must
 * not hold up all others until its time-out. There are never more than twice as many builds as slots.
 */
const PATIENCE = 60_000;

/** @param slots one of them is stable's alone, as long as there are two. */
export function buildQueue(slots: number, patience = PATIENCE): BuildQueue {
  const waiting: Waiting[] = [];
  const running = new Map<symbol, Slot>();
  /** Owners in the order of their last turn, oldest first. */
  const turns = new Set<string>();
  let paused = false;

  function next(): number {
    const stable = waiting.findIndex(({ owner }) => owner === undefined);
    const building = [...running.values()];
    const ofPullRequests = building.filter((slot) => slot.owner !== undefined);
    if (!hasRoom(building, slots)) return -1;
    if (stable !== -1) return stable;
    if (!hasRoom(ofPullRequests, Math.max(1, slots - 1))) return -1;
    const active = Map.groupBy(building, ({ owner }) => owner);
    const order = [...turns];
    const rank = ({ owner = "" }: Waiting) => [active.get(owner)?.length ?? 0, order.indexOf(owner)] as const;
    const ranked = waiting.map((one, index) => ({ index, rank: rank(one) }));
    ranked.sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || a.index - b.index);
    return ranked[0]?.index ?? -1;
  }

  function advance(): void {
    for (let index = paused ? -1 : next(); index !== -1; index = next()) {
      const [turn] = waiting.splice(index, 1);
      turn?.begin();
    }
  }

  async function hold(owner: string | undefined, task: () => Promise<void>): Promise<void> {
    const key = Symbol();
    const slot = { owner, slow: false };
    running.set(key, slot);
    if (owner !== undefined) {
      turns.delete(owner);
      turns.add(owner);
    }
    const timer = setTimeout(() => {
      slot.slow = true;
      advance();
    }, patience);
    timer.unref();
    try {
      await task();
    } finally {
      clearTimeout(timer);
      running.delete(key);
      if (owner !== undefined && !waiting.some((one) => one.owner === owner)) turns.delete(owner);
      advance();
    }
  }

  return {
    run: (owner, signal, task) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const turn: Waiting = { owner, begin: () => hold(owner, task).then(resolve, reject) };
      const leave = () => {
        const index = waiting.indexOf(turn);
        if (index === -1) return;
        waiting.splice(index, 1);
        reject(signal.reason);
      };
      if (signal.aborted) return Promise.reject(signal.reason);
      signal.addEventListener("abort", leave, { once: true });
      waiting.push(turn);
      advance();
      return promise.finally(() => signal.removeEventListener("abort", leave));
    },
    pause: (now) => {
      paused = now;
      advance();
    },
  };
}

function hasRoom(slots: readonly Slot[], limit: number): boolean {
  return slots.filter(({ slow }) => !slow).length < limit && slots.length < 2 * limit;
}
