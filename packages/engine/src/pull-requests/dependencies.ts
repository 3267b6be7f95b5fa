import { setImmediate } from "node:timers/promises";
import {
  type FolderDependencies,
  type PullRequest,
  packageManifests,
  serviceDependencies,
} from "@perch/core";
import type { Mirror } from "./git/index.ts";
import type { PullRequestSource } from "./source.ts";

/** The whole repository, as a path. */
const EVERYTHING = ".";

/** Milliseconds until a head is asked again that git could not tell of. */
const AGAIN = 600_000;

/**
 * The same source, whose pull requests say what the folders of services depend on. It is read once for each head; where it cannot be,
 * what was read of the pull request before holds on. Where nothing was, or there is more of it than is read, a service depends on
 * everything: a canary too many is better than one too few.
 * @param folders of services, in the repository
 */
export function withDependencies(
  source: PullRequestSource,
  mirror: Mirror,
  folders: readonly string[],
): PullRequestSource {
  const read = dependencyReader(mirror, folders);
  return {
    ...source,
    observe: async (signal, known) => {
      const observation = await source.observe(signal, known);
      const pullRequests = await read(observation.pullRequests, known?.pullRequests ?? [], signal);
      return { ...observation, pullRequests };
    },
  };
}

interface Read {
  readonly head: string;
  readonly dependencies: readonly FolderDependencies[];
  /** By `performance.now()`; a commit does not change, so what was read of it holds for ever. */
  readonly until: number;
}

function dependencyReader(mirror: Mirror, folders: readonly string[]) {
  /** By number of pull request. */
  let seen: ReadonlyMap<number, Read> = new Map();
  const onEverything = folders.map((folder) => ({ folder, needs: [EVERYTHING] }));

  async function dependenciesAt(head: string, signal: AbortSignal): Promise<readonly FolderDependencies[]> {
    const files = await mirror.packageFiles(head, signal);
    if (files === undefined) return onEverything;
    const packages = await inTurn(files, (file) => packageManifests([file]));
    return inTurn(folders, (folder) => serviceDependencies(packages, [folder]));
  }

  async function read(
    { number, head }: PullRequest,
    known: readonly PullRequest[],
    signal: AbortSignal,
  ): Promise<Read> {
    const last = seen.get(number);
    if (last?.head === head && performance.now() < last.until) return last;
    try {
      const dependencies = await dependenciesAt(head, signal);
      return { head, dependencies, until: Number.POSITIVE_INFINITY };
    } catch {
      signal.throwIfAborted();
      // A head that git cannot tell of holds up no other, nor every look.
      const before = known.find((other) => other.number === number);
      const dependencies =
        last?.dependencies ?? (before === undefined ? onEverything : (before.dependencies ?? []));
      return { head, dependencies, until: performance.now() + AGAIN };
    }
  }

  return async (
    open: readonly PullRequest[],
    known: readonly PullRequest[],
    signal: AbortSignal,
  ): Promise<PullRequest[]> => {
    const now = new Map<number, Read>();
    for (const one of open) {
      // What asks for no canary was not fetched; what has changed everything may have more than can be read.
      const isRead = one.changedPaths.length > 0 && !one.changedPaths.includes(EVERYTHING);
      if (isRead) now.set(one.number, await read(one, known, signal));
    }
    seen = now;
    return open.map((one) => {
      const isAll = one.changedPaths.includes(EVERYTHING);
      const dependencies = isAll ? onEverything : (now.get(one.number)?.dependencies ?? []);
      return dependencies.length === 0 ? one : { ...one, dependencies };
    });
  };
}

/** Lets requests through between two: all that an author can have read takes a second or more. */
async function inTurn<T, R>(items: Iterable<T>, map: (item: T) => readonly R[]): Promise<R[]> {
  const found: R[] = [];
  for (const item of items) {
    found.push(...map(item));
    await setImmediate();
  }
  return found;
}
