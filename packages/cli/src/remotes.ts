import { execFile } from "node:child_process";
import { isAbsolute, resolve } from "node:path";
import { promisify } from "node:util";
import { type Config, PerchError } from "@perch/core";

/**
 * The git remote of each repository in the config: from `--remote`, else from the checkout's own `origin`.
 * @param flags `owner/name=<URL or path>`, or a URL or path alone where the config has one repository.
 * @throws PerchError USAGE
 */
export async function resolveRemotes(
  config: Config,
  flags: readonly string[],
  folder: string,
): Promise<Map<string, string>> {
  const repos = [...new Set([...config.services.values()].map(({ repo }) => repo))];
  const remotes = namedRemotes(config, flags);
  const missing = repos.filter((repo) => !remotes.has(repo));
  const origin = missing.length === 0 ? undefined : await originOf(folder);
  if (origin === undefined) return remotes;
  const own =
    missing.find((repo) => origin.replace(/\.git$/, "").endsWith(repo)) ??
    (repos.length === 1 ? repos[0] : undefined);
  if (own !== undefined) remotes.set(own, origin);
  return remotes;
}

/** Only those that `--remote` names. Throws PerchError USAGE. */
export function namedRemotes(config: Config, flags: readonly string[]): Map<string, string> {
  const repos = [...new Set([...config.services.values()].map(({ repo }) => repo))];
  const named = flags.map((flag) => parseFlag(flag, repos));
  return new Map(named.map(([repo, remote]) => [repo, absolute(remote)]));
}

function parseFlag(flag: string, repos: readonly string[]): [repo: string, remote: string] {
  const named = /^([^=/\s]+\/[^=/\s]+)=(.+)$/.exec(flag);
  const [, repo = "", remote = ""] = named ?? [];
  if (repos.includes(repo)) return [repo, remote];
  const [only, ...more] = repos;
  if (named === null && only !== undefined && more.length === 0) return [only, flag];
  throw new PerchError({
    code: "USAGE",
    message: `--remote ${flag} names no repository of perch.yaml.`,
    hint: `It has ${repos.join(", ")}: write for example --remote ${only ?? "owner/name"}=<URL or path>.`,
    fault: "user",
  });
}

/** Relative paths are meant from that folder (default: from here); the mirror reads them from elsewhere. */
function absolute(remote: string, from = process.cwd()): string {
  const isUrl = /^[a-z][a-z+]*:\/\//.test(remote) || /^[^/]+@?[^/]*:/.test(remote);
  return isUrl || isAbsolute(remote) ? remote : resolve(from, remote);
}

/** A path in it is meant from the top of the repository, wherever git is called. */
async function originOf(folder: string): Promise<string | undefined> {
  const [origin, top] = await Promise.all([
    gitSays(folder, "remote", "get-url", "origin"),
    gitSays(folder, "rev-parse", "--show-toplevel"),
  ]);
  return origin === "" ? undefined : absolute(origin, top === "" ? folder : top);
}

/** One line; empty where git fails. */
async function gitSays(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("git", args, { cwd }).catch(() => ({ stdout: "" }));
  return stdout.trim();
}
