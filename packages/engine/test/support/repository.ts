import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";

/** A real git repository that stands for a remote: tests commit to it, open and close pull requests. */
export interface TestRepository {
  /** Path of the bare repository: what an engine is given as its remote. */
  readonly remote: string;
  /** Commits files to main, on top of what is there; a value of undefined removes one. */
  commitToMain(files: Files): Promise<string>;
  /** Commits files on top of main and makes that the head of a pull request. */
  pushPullRequest(number: number, files: Files, subject?: string): Promise<string>;
  /** Makes an existing commit the head of a pull request. */
  forcePush(number: number, commit: string): Promise<void>;
  closePullRequest(number: number): Promise<void>;
  /** Commits files on top of main as a branch of its own. */
  pushBranch(branch: string, files: Files): Promise<string>;
  /** Opens pull requests that change the same files, and closes others, all in one push. */
  pushMany(open: readonly number[], close: readonly number[], files: Files): Promise<void>;
  remove(): Promise<void>;
}

export type Files = Readonly<Record<string, string | undefined>>;

const FIXTURE = join(import.meta.dirname, "..", "fixtures", "web");

/**
 * A repository whose main holds the fixture service under services/web, and these files.
 * @param bare an empty bare repository to fill; absent: one of its own.
 */
export async function makeRepository(files: Files = {}, bare?: string): Promise<TestRepository> {
  const folder = await mkdtemp(join(tmpdir(), "perch-repository-"));
  const remote = bare ?? join(folder, "origin.git");
  const work = join(folder, "work");
  const git = async (...args: string[]) => (await execa("git", args, { cwd: work, env: IDENTITY })).stdout;
  await execa("git", ["init", "--quiet", "--bare", "--initial-branch=main", remote]);
  await execa("git", ["init", "--quiet", "--initial-branch=main", work]);
  await git("remote", "add", "origin", remote);
  await cp(FIXTURE, join(work, "services", "web"), { recursive: true });

  async function commit(changes: Files, subject: string): Promise<string> {
    for (const [path, content] of Object.entries(changes)) await apply(join(work, path), content);
    await git("add", "--all");
    await git("commit", "--quiet", "--allow-empty", "-m", subject);
    return git("rev-parse", "HEAD");
  }

  async function commitToMain(changes: Files): Promise<string> {
    await git("checkout", "--quiet", "-B", "main");
    const head = await commit(changes, "Change main");
    await git("push", "--quiet", "origin", "main");
    return head;
  }

  async function push(changes: Files, subject: string, ref: string): Promise<string> {
    await git("checkout", "--quiet", "--detach", "main");
    const head = await commit(changes, subject);
    await git("push", "--quiet", "--force", "origin", `HEAD:${ref}`);
    await git("checkout", "--quiet", "main");
    return head;
  }

  await commitToMain(files);
  return {
    remote,
    commitToMain,
    pushPullRequest: (number, changes, subject = `Change ${number}`) =>
      push(changes, subject, `refs/pull/${number}/head`),
    pushBranch: (branch, changes) => push(changes, `On ${branch}`, `refs/heads/${branch}`),
    forcePush: async (number, head) => {
      await git("push", "--quiet", "--force", "origin", `${head}:refs/pull/${number}/head`);
    },
    closePullRequest: async (number) => {
      await git("push", "--quiet", "origin", `:refs/pull/${number}/head`);
    },
    pushMany: async (open, close, changes) => {
      await git("checkout", "--quiet", "--detach", "main");
      await commit(changes, "Change many");
      const opened = open.map((number) => `HEAD:refs/pull/${number}/head`);
      await git(
        "push",
        "--quiet",
        "--force",
        "origin",
        ...opened,
        ...close.map((number) => `:refs/pull/${number}/head`),
      );
      await git("checkout", "--quiet", "main");
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** `services/web/behaviour.json` that says these things. */
export function behaviour(what: Readonly<Record<string, unknown>>): Files {
  return { "services/web/behaviour.json": JSON.stringify(what) };
}

const IDENTITY = {
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@perch.invalid",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@perch.invalid",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

async function apply(path: string, content: string | undefined): Promise<void> {
  if (content === undefined) return rm(path, { force: true });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
