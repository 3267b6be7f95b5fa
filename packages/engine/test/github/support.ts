import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GithubControl, githubControl, startGithub } from "@perch/code-host";
import { type Config, parseConfig } from "@perch/core";
import { type GithubRepository, githubRepository, openGithub } from "../../src/github/index.ts";

export const REPO = "acme/shop";
export const BOT = "github-actions[bot]";
export const HEAD = "0123456789abcdef0123456789abcdef01234567";
export const NEXT = "fedcba9876543210fedcba9876543210fedcba98";

/** Two services of one repository. */
export const CONFIG = configOf({});

export function configOf(canary: object): Config {
  const services = {
    api: { repo: REPO, path: "services/api", protocol: "http", edge: "/" },
    store: { repo: REPO, path: "services/store", protocol: "http" },
  };
  const edge = { host: "dev.example.com" };
  const result = parseConfig(
    JSON.stringify({ apiVersion: "perch.dev/v1", project: "shop", edge, services, canary }),
  );
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

export interface Hub {
  /** Steers the fake. */
  readonly control: GithubControl;
  /** The repository as the workflow's bot sees it. */
  readonly repository: GithubRepository;
  /** The same, as the owner of another token. */
  as(login: string): GithubRepository;
  close(): Promise<void>;
}

/** A GitHub with one open pull request, 7, at HEAD. */
export async function startHub(pullRequest: object = {}): Promise<Hub> {
  const folder = await mkdtemp(join(tmpdir(), "perch-hub-"));
  const file = join(folder, "state.json");
  const server = await startGithub({ host: "127.0.0.1", port: 0, file, headMoved: async () => undefined });
  const control = githubControl(server.url);
  await control.openPullRequest({ repo: REPO, number: 7, head: HEAD, ...pullRequest });
  const as = (login: string) =>
    githubRepository(openGithub({ baseUrl: server.url, credentials: { token: login }, second: 1 }), REPO);
  return {
    control,
    repository: as(BOT),
    as,
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Labels of a pull request, as the fake has them. */
export async function labelsOf({ control }: Hub, number = 7): Promise<readonly string[]> {
  const all = await control.list();
  return all.find((one) => one.number === number)?.labels ?? [];
}
