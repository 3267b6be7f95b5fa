import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Status } from "@perch/core";
import { makeDemoRepository } from "@perch/tools/demo";
import { execa } from "execa";
import { request } from "undici";
import { perch, ROOT, type Run } from "./perch.ts";

/** What `make up DETACH=1` runs, on a repository, ports and a state folder of its own. */
export interface Demo {
  readonly origin: string;
  readonly stateDir: string;
  /** A perch command on this demo's engine. */
  perch(...args: string[]): Promise<Run>;
  status(): Promise<Status>;
  /** One request to the edge. */
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Commits a change of a file to a pull request's branch, and pushes it. */
  push(pullRequest: number, file: string, change: (content: string) => string): Promise<string>;
  git(...args: string[]): Promise<string>;
  /** `perch down`, and everything removed. */
  end(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** @param idle after which a canary sleeps, in place of that of `perch.yaml` */
export async function startDemo({
  idle,
}: {
  readonly idle?: string;
} = {}): Promise<Demo & { readonly up: Run }> {
  const folder = await mkdtemp(join(tmpdir(), "perch-e2e-"));
  const origin = join(folder, "origin.git");
  const stateDir = join(folder, "state");
  await makeDemoRepository({ checkout: ROOT, origin, reset: false });
  const config = idle === undefined ? [] : ["--config", await withIdle(folder, idle)];
  const run = (...args: string[]) => perch([...args, "--state-dir", stateDir, ...config]);
  const ports = ["--edge-port", "0", "--status-port", "0", "--interval", "0.2"];
  const up = await run("up", "--detach", "--remote", origin, "--try", "/api/items", ...ports);
  const status = async () => JSON.parse((await run("status", "--json")).stdout) as Status;
  const edge = up.code === 0 ? (await status()).edge.listening[0] : undefined;
  const git = async (...args: string[]) =>
    (await execa("git", args, { cwd: join(folder, "work"), env: IDENTITY })).stdout;
  await execa("git", ["clone", "--quiet", "--no-checkout", origin, join(folder, "work")]);
  return {
    up,
    origin,
    stateDir,
    perch: run,
    status,
    get: async (path, headers = {}) => {
      const response = await request(`http://${edge}${path}`, { headers });
      return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
    },
    push: (pullRequest, file, change) => push(git, join(folder, "work"), pullRequest, file, change),
    git,
    end: async () => {
      await run("down");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function withIdle(folder: string, idle: string): Promise<string> {
  const path = join(folder, "perch.yaml");
  const written = await readFile(join(ROOT, "perch.yaml"), "utf8");
  await writeFile(path, written.replace(/^( +idle:) \S+/m, `$1 ${idle}`));
  return path;
}

const IDENTITY = {
  GIT_AUTHOR_NAME: "Author",
  GIT_AUTHOR_EMAIL: "author@perch.invalid",
  GIT_COMMITTER_NAME: "Author",
  GIT_COMMITTER_EMAIL: "author@perch.invalid",
};

async function push(
  git: Demo["git"],
  work: string,
  pullRequest: number,
  file: string,
  change: (content: string) => string,
): Promise<string> {
  const ref = `refs/pull/${pullRequest}/head`;
  await git("fetch", "--quiet", "origin", ref);
  await git("checkout", "--quiet", "--force", "FETCH_HEAD");
  const path = join(work, file);
  await writeFile(path, change(await readFile(path, "utf8")));
  await git("commit", "--quiet", "--all", "-m", "Change it once more");
  await git("push", "--quiet", "origin", `HEAD:${ref}`);
  return git("rev-parse", "HEAD");
}
