import { readdir, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type Config, type DesiredVariant, PerchError } from "@perch/core";
import type { EngineOptions } from "../options.ts";
import { removeFolder, type StateDir } from "../state/state-dir.ts";
import { withDependencies } from "./dependencies.ts";
import { git, gitMessage } from "./git/git.ts";
import { type Mirror, openGit } from "./git/index.ts";
import type { Checkout, OpenRepository, PullRequestSource } from "./source.ts";

/** The repositories of a config: what is open in each, and where their files come from. */
export interface Repositories {
  readonly sources: readonly PullRequestSource[];
  checkoutOf(desired: DesiredVariant): Checkout;
  /** Pull requests that the mirrors keep refs for, as `<mirror>#<number>`. */
  pullRequests(): string[];
}

/** @throws PerchError USAGE when a repository of the config has no remote. */
export async function openRepositories(options: EngineOptions, stateDir: StateDir): Promise<Repositories> {
  const repos = new Set([...options.config.services.values()].map(({ repo }) => repo));
  await removeOthers(stateDir.git, repos);
  const mirrors = new Map<string, Mirror>();
  const sources: PullRequestSource[] = [];
  const open = await opener(options);
  for (const repo of repos) {
    const { mirror, source } = await open(repo, join(stateDir.git, mirrorName(repo)));
    mirrors.set(repo, mirror);
    const whole = withDependencies(source, mirror, foldersOf(options.config, repo));
    sources.push(options.stable === "checkout" ? withCheckoutHead(whole, options.checkout) : whole);
  }
  const checkout = folderCheckout(options.checkout);
  return {
    sources,
    pullRequests: () =>
      [...mirrors].flatMap(([repo, mirror]) =>
        [...mirror.pullRequests()].map((number) => `${mirrorName(repo)}#${number}`),
      ),
    checkoutOf: ({ variant, repo }) => {
      const mirror = mirrors.get(repo);
      if (mirror === undefined) throw new RangeError(`No mirror of ${repo}.`);
      return variant.pr === undefined && options.stable === "checkout" ? checkout : mirror;
    },
  };
}

async function opener({ config, remotes, github }: EngineOptions): Promise<OpenRepository> {
  if (github === undefined) return openGit(remotes);
  // Loaded only here: GitHub's client is large.
  const { openGithubSources } = await import("./github/index.ts");
  return openGithubSources({ ...github, host: config.cluster.github, remotes });
}

/** Of the services of a repository. */
function foldersOf(config: Config, repo: string): string[] {
  return [...config.services.values()].flatMap((service) => (service.repo === repo ? [service.path] : []));
}

/** Folder of a repository's mirror. */
export function mirrorName(repo: string): string {
  return `${repo.replace("/", "--")}.git`;
}

/** A mirror of what perch.yaml does not name any more is a copy that nobody needs. */
async function removeOthers(git: string, repos: Iterable<string>): Promise<void> {
  const wanted = new Set([...repos].map(mirrorName));
  const others = (await readdir(git)).filter((name) => !wanted.has(name));
  await Promise.all(others.map((name) => removeFolder(join(git, name))));
}

/** Stable is the commit that the checkout is at, with whatever its files hold. */
function withCheckoutHead(source: PullRequestSource, checkout: string): PullRequestSource {
  return {
    ...source,
    observe: async (signal, known) => {
      const observation = await source.observe(signal, known);
      const stableHead = await git(["rev-parse", "HEAD"], { cwd: checkout, signal }).catch(
        (cause: unknown) => {
          throw noCheckout(checkout, cause);
        },
      );
      return { ...observation, stableHead };
    },
  };
}

/** Runs from somebody's own folder: it is linked, never written to or removed. */
function folderCheckout(path: string): Checkout {
  return {
    isOwn: false,
    add: async (_commit, folder) => {
      await symlink(path, folder);
      // What is missing in somebody's own folder is theirs to see.
      return [];
    },
    remove: (folder) => unlink(folder).catch(() => undefined),
  };
}

function noCheckout(path: string, cause: unknown): PerchError {
  return new PerchError(
    {
      code: "SOURCE_UNREACHABLE",
      message: `${path} has no commit to run stable from: ${gitMessage(cause)}.`,
      hint: "--stable checkout needs a git repository with a commit; without it, stable is the remote's default branch.",
      fault: "user",
    },
    { cause },
  );
}
