import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type GithubControl,
  githubControl,
  type NewPullRequest,
  type Outage,
  repositoriesIn,
  serveGit,
  startGithub,
} from "@perch/code-host";
import type { EngineOptions } from "@perch/engine";
import { startTestEngine, type TestEngine, WEB_CONFIG } from "./engine.ts";
import { type Files, makeRepository, type TestRepository } from "./repository.ts";

export const REPO = "acme/test";

/** A GitHub with one repository, whose main holds the fixture service: its API, its webhooks, and git over HTTP. */
export interface TestGithub {
  /** Root of its web pages: `cluster.github` in `perch.yaml`. */
  readonly url: string;
  readonly control: GithubControl;
  readonly repository: TestRepository;
  /** What git requests showed of themselves, in order; "" for nothing. */
  readonly gitAuthorizations: readonly string[];
  /** Commits files on top of main, pushes that as a branch of this or another repository, and opens a pull request on it. */
  open(files: Files, more?: Partial<NewPullRequest>): Promise<number>;
  /** Commits files on top of main and makes that the head of a pull request. */
  push(number: number, files: Files): Promise<string>;
  /** The API fails, or lies, while this runs. */
  during<T>(outage: Outage, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export async function startTestGithub(files: Files = {}): Promise<TestGithub> {
  const folder = await mkdtemp(join(tmpdir(), "perch-github-"));
  const bare = join(folder, "repositories");
  const repositories = repositoriesIn(bare);
  const gitAuthorizations: string[] = [];
  const repository = await makeRepository(files, await repositories.ensure(REPO));
  const server = await startGithub({
    host: "127.0.0.1",
    port: 0,
    file: join(folder, "github.json"),
    headOf: repositories.headOf,
    headMoved: ({ repo, number, head }) => repositories.setPullRequestHead(repo, number, head),
    git: (request, response) => {
      gitAuthorizations.push(request.headers.authorization ?? "");
      serveGit(bare, request, response);
    },
  });
  const control = githubControl(server.url);
  let branches = 0;
  const commit = async (changes: Files) => {
    branches += 1;
    return repository.pushBranch(`change-${branches}`, changes);
  };
  return {
    url: server.url,
    control,
    repository,
    gitAuthorizations,
    open: async (changes, more = {}) => {
      const head = await commit(changes);
      const opened = await control.openPullRequest({ repo: REPO, head, labels: ["canary"], ...more });
      return opened.number;
    },
    push: async (number, changes) => (await control.push(REPO, number, await commit(changes))).head,
    during: async (outage, work) => {
      await control.outage(outage);
      try {
        return await work();
      } finally {
        await control.outage(undefined);
      }
    },
    close: async () => {
      await server.close();
      await repository.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const TOKEN = "ghp_secret_token";
export const SECRET = "webhook-secret";

/** An engine with this GitHub as its source, and with the secrets in its environment. */
export async function startGithubEngine(
  github: TestGithub,
  change: Partial<EngineOptions> = {},
  services = WEB_CONFIG,
): Promise<TestEngine> {
  const remotes = new Map<string, string>();
  const env = { ...process.env, GITHUB_TOKEN: TOKEN, PERCH_WEBHOOK_SECRET: SECRET };
  const options = { remotes, env, github: { identity: { token: TOKEN }, timeout: 5_000 }, ...change };
  const yaml = `${services}\ncluster: { github: "${github.url}" }\n`;
  return startTestEngine(github.repository, options, yaml);
}

/** A webhook of a pull request, signed with this secret. */
export async function deliver(test: TestEngine, body: string, secret: string): Promise<void> {
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const headers = { "x-github-event": "pull_request", "x-hub-signature-256": `sha256=${signature}` };
  await fetch(test.engine.status().engine.webhookUrl ?? "", { method: "POST", body, headers });
}

/** A server that keeps what each request showed of itself, and answers 200 or sends people on. */
export interface Witness {
  readonly url: string;
  readonly seen: readonly string[];
  redirectTo(url: string): void;
  close(): Promise<void>;
}

export async function startWitness(): Promise<Witness> {
  const seen: string[] = [];
  let target: string | undefined;
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization ?? "");
    if (target !== undefined) response.writeHead(302, { location: `${target}${request.url}` });
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    redirectTo: (url) => {
      target = url;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
