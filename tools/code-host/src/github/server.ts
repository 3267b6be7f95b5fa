import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { activity } from "./activity.ts";
import { type Answer, answer, pathOf, problem, type Question } from "./answer.ts";
import { Apps } from "./apps.ts";
import { CONTROL, control } from "./control.ts";
import { Faults, faultAnswer } from "./faults.ts";
import { type Outage, outageAnswer } from "./outage.ts";
import { packages } from "./packages.ts";
import { People } from "./people.ts";
import { Quota } from "./quota.ts";
import { Records } from "./records.ts";
import { type HeadMoved, PullRequestStore } from "./store.ts";

/** One request that the API got, by people or controllers. */
export interface Seen {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  /** What it showed of itself. */
  readonly authorization?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What the fake shares between its API and its control side. */
export interface Fake {
  readonly store: PullRequestStore;
  readonly records: Records;
  readonly faults: Faults;
  readonly people: People;
  readonly apps: Apps;
  readonly quota: Quota;
  readonly headOf: NonNullable<GithubOptions["headOf"]>;
  readonly seen: Seen[];
  outage: Outage | undefined;
}

export interface GithubOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Where the state is kept. */
  readonly file: string;
  readonly headMoved: HeadMoved;
  /** Answers git at `/<owner>/<name>.git`, which GitHub has at the same address as its web pages. */
  readonly git?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Commit of a repository's default branch; absent, or undefined: it has none. */
  readonly headOf?: (repo: string) => Promise<string | undefined>;
  /** Scheme and authority that webhooks name; by default where the server listens. */
  readonly publicUrl?: string;
}

export interface GithubServer {
  /** Root of the API, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

const SEEN_MAX = 10_000;

const REPOSITORY = /^\/[^/]+\/[^/]+\.git\//;

/** A fake of GitHub's API that keeps state, sends signed webhooks and can be out of order. */
export async function startGithub(options: GithubOptions): Promise<GithubServer> {
  const fake: Fake = {
    store: await PullRequestStore.open(options.file, options.headMoved),
    records: new Records(),
    faults: new Faults(),
    people: new People(),
    apps: new Apps(),
    quota: new Quota(),
    headOf: options.headOf ?? (async () => undefined),
    seen: [],
    outage: undefined,
  };
  let publicUrl = options.publicUrl ?? "";
  const server = createServer((request, response) => {
    if (options.git !== undefined && REPOSITORY.test(request.url ?? ""))
      return options.git(request, response);
    respond(fake, request, publicUrl)
      .catch((error: unknown) => problem(500, error instanceof Error ? error.message : String(error)))
      .then((result) => send(response, result));
  });
  server.listen(options.port, options.host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://${options.host}:${port}`;
  if (publicUrl === "") publicUrl = url;
  return {
    url,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function respond(fake: Fake, request: IncomingMessage, publicUrl: string): Promise<Answer> {
  const target = request.url ?? "/";
  if (target.startsWith(CONTROL)) return control(fake, target, await readBody(request), publicUrl);
  // links in an answer lead to where the client came from
  const origin = `http://${request.headers.host ?? "localhost"}`;
  if (fake.outage?.kind === "slow") await sleep(fake.outage.milliseconds, undefined, { ref: false });
  const method = request.method ?? "GET";
  const { "if-none-match": etag, authorization } = request.headers;
  // who lies does not say "as before"
  const ifNoneMatch = fake.outage === undefined ? etag : undefined;
  const body = await readBody(request);
  const truth = await answered(fake, { method, target, ifNoneMatch, origin }, body, authorization);
  const result = fake.quota.counted(outageAnswer(fake.outage, target, truth));
  const as = authorization === undefined ? {} : { authorization };
  fake.seen.push({ method, target, status: result.status, ...as, at: Date.now() });
  if (fake.seen.length > SEEN_MAX) fake.seen.shift();
  return result;
}

const DOWN = problem(503, "Down");

async function answered(
  fake: Fake,
  question: Question,
  body: string,
  authorization: string | undefined,
): Promise<Answer> {
  // what is down does nothing
  if (fake.outage?.kind === "status") return DOWN;
  const fault = fake.faults.take(question);
  if (fault !== undefined && fault.isAnswerLost !== true) return faultAnswer(fault);
  const result =
    (await activity(question, body, authorization, fake)) ?? (await truthOf(fake, question, authorization));
  return fault === undefined ? result : faultAnswer(fault);
}

async function truthOf(fake: Fake, question: Question, authorization: string | undefined): Promise<Answer> {
  const path = pathOf(new URL(question.target, question.origin));
  return (
    packages(question, path, authorization, fake.records) ??
    fake.people.answer(path) ??
    fake.apps.answer(question.method, path, authorization) ??
    (await headAnswer(question, path, fake.headOf)) ??
    answer(question, fake.store.pullRequests)
  );
}

/** https://docs.github.com/rest/commits/commits#get-a-commit, in the form that is the hash alone. */
async function headAnswer(
  question: Question,
  path: string,
  headOf: Fake["headOf"],
): Promise<Answer | undefined> {
  const [, repo] = /^\/repos\/([^/]+\/[^/]+)\/commits\/HEAD$/.exec(path) ?? [];
  if (repo === undefined) return undefined;
  const head = await headOf(repo);
  if (head === undefined) return problem(409, "Git Repository is empty.");
  const etag = `"${head}"`;
  const headers = { "content-type": "application/vnd.github.sha; charset=utf-8", etag };
  return question.ifNoneMatch === etag
    ? { status: 304, headers, body: "" }
    : { status: 200, headers, body: head };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, result: Answer): void {
  response.writeHead(result.status, result.headers);
  response.end(result.body);
}
