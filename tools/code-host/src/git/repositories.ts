import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";

/** The bed's bare repositories, `<folder>/<owner>/<name>.git`. */
export interface Repositories {
  readonly folder: string;
  /** Path of a repository's bare folder; made empty, with branch main, where it is missing. */
  ensure(repo: string): Promise<string>;
  /** Commit of branch main, or undefined where there is none. */
  headOf(repo: string): Promise<string | undefined>;
  /** Points `refs/pull/<number>/head` at a commit that the repository has. */
  setPullRequestHead(repo: string, number: number, sha: string): Promise<void>;
}

/** Several tests may ask for the same one at once, each in a process of its own: it is made aside, and the first one stays. */
async function makeBare(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = await mkdtemp(`${path}-`);
  await execa("git", ["init", "--quiet", "--bare", "--initial-branch=main", aside]);
  await rename(aside, path).catch(async (error: unknown) => {
    await rm(aside, { recursive: true });
    if (!(await isThere(path))) throw error;
  });
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Repositories in a folder. A repository is named `owner/name`. */
export function repositoriesIn(folder: string): Repositories {
  const pathOf = (repo: string) => {
    if (!/^[\w.-]+\/[\w.-]+$/.test(repo) || repo.includes(".."))
      throw new RangeError(`A repository is named owner/name, not ${JSON.stringify(repo)}.`);
    return join(folder, `${repo}.git`);
  };
  return {
    folder,
    ensure: async (repo) => {
      const path = pathOf(repo);
      if (!(await isThere(path))) await makeBare(path);
      return path;
    },
    headOf: async (repo) => {
      const args = ["--git-dir", pathOf(repo), "rev-parse", "--verify", "--quiet", "refs/heads/main"];
      const { stdout } = await execa("git", args, { reject: false });
      return stdout === "" ? undefined : stdout;
    },
    setPullRequestHead: async (repo, number, sha) => {
      await execa("git", ["--git-dir", pathOf(repo), "update-ref", `refs/pull/${number}/head`, sha]);
    },
  };
}
