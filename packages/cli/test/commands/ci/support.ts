import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type GithubControl, githubControl, startGithub } from "@perch/code-host";
import { inRepository, perchYaml, type Run, perchWith as runPerch } from "../support.ts";

export const REPO = "acme/shop";
export const BOT = "github-actions[bot]";
export const HEAD = "0123456789abcdef0123456789abcdef01234567";
export const NEXT = "fedcba9876543210fedcba9876543210fedcba98";

/** A workflow's step: a checkout, a GitHub, and what a runner puts into the environment. */
export interface Step {
  readonly folder: string;
  readonly control: GithubControl;
  readonly apiUrl: string;
  /** Runs `perch ci …`, as the workflow's bot. */
  perch(...args: string[]): Promise<Run>;
  /** The same with more environment; an empty text takes a variable away. */
  perchWith(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Run>;
  /** Puts an event where the runner puts it. */
  event(event: unknown): Promise<void>;
  /** What later steps get. */
  outputs(): Promise<Record<string, string>>;
  git(...args: string[]): Promise<string>;
  /** Writes files and commits them; the commit. */
  commit(files: Readonly<Record<string, string | undefined>>): Promise<string>;
}

/** A step of a workflow in a checkout with perch.yaml, with pull request 7 open at HEAD; gone after the work. */
export async function inStep(work: (step: Step) => Promise<void>, yaml = perchYaml()): Promise<void> {
  await inRepository(
    async (folder) => {
      const file = join(folder, ".github.json");
      const server = await startGithub({
        host: "127.0.0.1",
        port: 0,
        file,
        headMoved: async () => undefined,
      });
      try {
        await work(stepIn(folder, server.url));
      } finally {
        await server.close();
      }
    },
    { "perch.yaml": yaml, ".gitignore": ".github.json*\noutput\nevent.json\n" },
  );
}

function stepIn(folder: string, apiUrl: string): Step {
  const output = join(folder, "output");
  const runner = {
    GITHUB_TOKEN: BOT,
    GITHUB_API_URL: apiUrl,
    GITHUB_REPOSITORY: REPO,
    GITHUB_EVENT_PATH: join(folder, "event.json"),
    GITHUB_OUTPUT: output,
  };
  const git = async (...args: string[]) => {
    const author = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    const { stdout } = await promisify(execFile)("git", [...author, ...args], { cwd: folder });
    return stdout.trim();
  };
  const perchWith = (env: Readonly<Record<string, string>>, ...args: string[]) =>
    runPerch({ ...runner, ...env }, folder, "ci", ...args);
  return {
    folder,
    control: githubControl(apiUrl),
    apiUrl,
    perch: (...args) => perchWith({}, ...args),
    perchWith,
    event: (event) => writeFile(runner.GITHUB_EVENT_PATH, JSON.stringify(event)),
    outputs: async () => readOutputs(await readFile(output, "utf8")),
    git,
    commit: async (files) => {
      for (const [path, text] of Object.entries(files)) {
        if (text === undefined) await rm(join(folder, path));
        else {
          await mkdir(dirname(join(folder, path)), { recursive: true });
          await writeFile(join(folder, path), text);
        }
      }
      await git("add", "--all");
      await git("commit", "--quiet", "--allow-empty", "--message", "a change");
      return git("rev-parse", "HEAD");
    },
  };
}

function readOutputs(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .trimEnd()
      .split("\n")
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

/** A pull_request event of pull request 7. */
export function pullRequestEvent(change: object = {}): object {
  return {
    action: "synchronize",
    repository: { full_name: REPO },
    pull_request: {
      number: 7,
      user: { login: "author", type: "User" },
      head: { sha: HEAD, ref: "$(touch pwned)`id`;'\"", repo: { full_name: REPO } },
      base: { sha: NEXT, ref: "main" },
      ...change,
    },
  };
}
