/** Lets so many canaries have a process at once, and gives each pull request its turn. */
export interface Places {
  /**
   * Waits until a canary may have a process. One that has one already, of another revision, waits for nothing: a roll takes no
   * second place.
   * @param canary name of the variant. @param owner its pull request
   * @returns what gives the place back; call it once, when the process has ended
   * @throws the signal's reason
   */
  take(canary: string, owner: string, signal: AbortSignal): Promise<() => void>;
  /** The same for one that runs already, without waiting. */
  keep(canary: string, owner: string): () => void;
}

interface Waiting {
  readonly canary: string;
  readonly owner: string;
  readonly enter: () => void;
}

/** @param most canaries with a process at once */
export function openPlaces(most: number): Places {
  const waiting: Waiting[] = [];
  /** Processes of each canary, old and new. */
  const inside = new Map<string, { readonly owner: string; processes: number }>();

  function keep(canary: string, owner: string): () => void {
    const place = inside.get(canary) ?? { owner, processes: 0 };
    place.processes += 1;
    inside.set(canary, place);
    return () => {
      place.processes -= 1;
      if (place.processes > 0) return;
      inside.delete(canary);
      advance();
    };
  }

  /** Whose pull request has the fewest; among those, who came first. */
  function next(): number {
    const owned = Map.groupBy(inside.values(), ({ owner }) => owner);
    const rank = ({ canary, owner }: Waiting) => (inside.has(canary) ? -1 : (owned.get(owner)?.length ?? 0));
    const ranked = waiting.map((one, index) => ({ index, rank: rank(one) }));
    const [first] = ranked.sort((a, b) => a.rank - b.rank || a.index - b.index);
    if (first === undefined || (first.rank >= 0 && inside.size >= most)) return -1;
    return first.index;
  }

  function advance(): void {
    for (let index = next(); index !== -1; index = next()) {
      const [one] = waiting.splice(index, 1);
      one?.enter();
    }
  }

  return {
    keep,
    take: (canary, owner, signal) => {
      if (signal.aborted) return Promise.reject(signal.reason);
      const { promise, resolve, reject } = Promise.withResolvers<() => void>();
      const one = { canary, owner, enter: () => resolve(keep(canary, owner)) };
      const leave = () => {
        const index = waiting.indexOf(one);
        if (index === -1) return;
        waiting.splice(index, 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      waiting.push(one);
      advance();
      return promise.finally(() => signal.removeEventListener("abort", leave));
    },
  };
}
