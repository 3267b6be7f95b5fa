import {
  type FolderDependencies,
  type PullRequest,
  packageManifests,
  serviceDependencies,
} from "@perch/core";
import type { Mirror } from "./git/index.ts";
import type { PullRequestSource } from "./source.ts";

/**
 * The same source, whose pull requests say what the folders of services depend on. It is read once for each head; where it cannot be,
 * what was read of the pull request before holds on.
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
      const pullRequests = await read(observation.pullRequests, known?.pullRequests ?? []);
      return { ...observation, pullRequests };
    },
  };
}

/** Dependencies by number of pull request. */
type Seen = ReadonlyMap<number, { readonly head: string; readonly dependencies: FolderDependencies[] }>;

function dependencyReader(mirror: Mirror, folders: readonly string[]) {
  let seen: Seen = new Map();

  async function dependenciesOf({ number, head }: PullRequest, known: readonly PullRequest[]) {
    const last = seen.get(number);
    if (last?.head === head) return last;
    try {
      const packages = packageManifests(await mirror.packageFiles(head));
      return { head, dependencies: serviceDependencies(packages, folders) };
    } catch {
      // A head that git cannot tell of holds up no other; it is asked again at the next look.
      const before = known.find((one) => one.number === number)?.dependencies ?? [];
      return { head: "", dependencies: last?.dependencies ?? [...before] };
    }
  }

  return async (open: readonly PullRequest[], known: readonly PullRequest[]): Promise<PullRequest[]> => {
    const now = new Map<number, { readonly head: string; readonly dependencies: FolderDependencies[] }>();
    for (const one of open) {
      // What asks for no canary was not fetched.
      if (one.changedPaths.length > 0) now.set(one.number, await dependenciesOf(one, known));
    }
    seen = now;
    return open.map((one) => {
      const { dependencies = [] } = now.get(one.number) ?? {};
      return dependencies.length === 0 ? one : { ...one, dependencies };
    });
  };
}
