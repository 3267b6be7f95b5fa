import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type GithubControl, githubControl } from "../src/github/client.ts";
import { type GithubServer, startGithub } from "../src/github/server.ts";

const repo = "acme/shop";
const sha = (digit: number) => String(digit).repeat(40);

let folder = "";
let server: GithubServer;
let github: GithubControl;
let heads: string[] = [];
let receiver: Server;
let received: { headers: IncomingHttpHeaders; body: string }[] = [];

async function start(): Promise<void> {
  server = await startGithub({
    host: "127.0.0.1",
    port: 0,
    file: join(folder, "state.json"),
    headMoved: async (one) => {
      heads.push(`${one.repo}#${one.number} ${one.head}`);
    },
  });
  github = githubControl(server.url);
}

function receive(): Server {
  return createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.end();
  });
}

function hookUrl(): string {
  return `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/api/webhook`;
}

const pulls = (query = "") => `${server.url}/api/v3/repos/${repo}/pulls${query}`;
const numbersAt = async (url: string) =>
  ((await (await fetch(url)).json()) as { number: number }[]).map((one) => one.number);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "perch-github-"));
  heads = [];
  received = [];
  receiver = receive().listen(0, "127.0.0.1");
  await once(receiver, "listening");
  await start();
});
afterEach(async () => {
  await server.close();
  receiver.close();
  receiver.closeAllConnections();
  await rm(folder, { recursive: true });
});

describe("the fake GitHub", () => {
  it("lists open pull requests with the fields that Argo CD's generator reads", async () => {
    await github.openPullRequest({ repo, head: sha(1), title: "Add a price", labels: ["canary/api"] });
    const [one] = (await (await fetch(pulls())).json()) as Record<string, unknown>[];
    assert.partialDeepStrictEqual(one, {
      number: 1,
      title: "Add a price",
      state: "open",
      user: { login: "author" },
      labels: [{ name: "canary/api" }],
      head: { ref: "change-1", sha: sha(1) },
      base: { ref: "main" },
    });
  });

  it("answers at the root and below /api/v3 alike", async () => {
    await github.openPullRequest({ repo, head: sha(1) });
    assert.deepEqual(await numbersAt(`${server.url}/repos/${repo}/pulls`), [1]);
    assert.deepEqual(await numbersAt(pulls()), [1]);
  });

  it("numbers pull requests by repository, and keeps closed ones out of the list", async () => {
    await github.openPullRequest({ repo, head: sha(1) });
    await github.openPullRequest({ repo, head: sha(2) });
    const other = await github.openPullRequest({ repo: "acme/store", head: sha(3) });
    await github.close(repo, 1);
    assert.equal(other.number, 1);
    assert.deepEqual(await numbersAt(pulls()), [2]);
    assert.deepEqual(await numbersAt(pulls("?state=closed")), [1]);
    assert.deepEqual(await numbersAt(pulls("?state=all")), [2, 1]);
  });

  it("pages by Link: each page says where the next one is, the last one does not", async () => {
    for (let number = 1; number <= 5; number += 1) await github.openPullRequest({ repo, head: sha(1) });
    const seen: number[][] = [];
    let next: string | undefined = pulls("?per_page=2");
    while (next !== undefined) {
      const response: Response = await fetch(next);
      seen.push(((await response.json()) as { number: number }[]).map((one) => one.number));
      next = /<([^>]+)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    }
    assert.deepEqual(seen, [[5, 4], [3, 2], [1]]);
  });

  it("answers 304 to the ETag of an unchanged list, and 200 after a change", async () => {
    await github.openPullRequest({ repo, head: sha(1) });
    const etag = (await fetch(pulls())).headers.get("etag") ?? "";
    const again = () => fetch(pulls(), { headers: { "if-none-match": etag } });
    assert.equal((await again()).status, 304);
    await github.label(repo, 1, "canary/api");
    assert.equal((await again()).status, 200);
  });

  it("answers 404 for a path that it does not know and a pull request that does not exist", async () => {
    assert.equal((await fetch(`${server.url}/user`)).status, 404);
    assert.equal((await fetch(`${pulls()}/9`)).status, 404);
  });

  it("sends each change as a webhook that is signed with the hook's secret", async () => {
    await github.setHooks([{ url: hookUrl(), secret: "key" }]);
    await github.openPullRequest({ repo, head: sha(1) });
    await github.label(repo, 1, "canary/api");
    await github.push(repo, 1, sha(2));
    await github.unlabel(repo, 1, "canary/api");
    await github.close(repo, 1);
    const actions = received.map(({ body }) => (JSON.parse(body) as { action: string }).action);
    assert.deepEqual(actions, ["opened", "labeled", "synchronize", "unlabeled", "closed"]);
    for (const { headers, body } of received) {
      const expected = createHmac("sha256", "key").update(body).digest("hex");
      assert.equal(headers["x-hub-signature-256"], `sha256=${expected}`);
      assert.equal(headers["x-github-event"], "pull_request");
    }
  });

  it("names itself in a webhook at the root of its API, which is what a generator compares", async () => {
    await github.setHooks([{ url: hookUrl(), secret: "key" }]);
    await github.openPullRequest({ repo, head: sha(1) });
    const { repository } = JSON.parse(received[0]?.body ?? "{}") as { repository: { url: string } };
    assert.equal(repository.url, `${server.url}/repos/${repo}`);
  });

  it("sends nothing for a change that changes nothing, and only the hooked repository's events", async () => {
    await github.setHooks([{ url: hookUrl(), secret: "key", repo: "acme/store" }]);
    await github.openPullRequest({ repo, head: sha(1) });
    await github.openPullRequest({ repo: "acme/store", head: sha(1), labels: ["x"] });
    await github.label("acme/store", 1, "x");
    await github.push("acme/store", 1, sha(1));
    assert.equal(received.length, 1);
  });

  it("records a delivery that nobody took, and goes on", async () => {
    const url = hookUrl();
    receiver.close();
    receiver.closeAllConnections();
    await github.setHooks([{ url, secret: "key" }]);
    await github.openPullRequest({ repo, head: sha(1) });
    assert.deepEqual(
      (await github.deliveries()).map((one) => one.status),
      [0],
    );
  });

  it("moves the git reference before the webhook goes out", async () => {
    await github.openPullRequest({ repo, head: sha(1) });
    await github.push(repo, 1, sha(2));
    await github.label(repo, 1, "x");
    assert.deepEqual(heads, [`${repo}#1 ${sha(1)}`, `${repo}#1 ${sha(2)}`]);
  });

  it("breaks and mends on demand, while the pull requests stay", async () => {
    await github.openPullRequest({ repo, head: sha(1) });
    for (const status of [500, 404] as const) {
      await github.outage({ kind: "status", status });
      assert.equal((await fetch(pulls())).status, status);
    }
    await github.outage(undefined);
    assert.deepEqual(await numbersAt(pulls()), [1]);
    assert.deepEqual(
      (await github.requests()).map((one) => one.status),
      [500, 404, 200],
    );
  });

  it("can be too slow for a client, and still does what it is told", async () => {
    await github.openPullRequest({ repo, head: sha(1) });
    await github.outage({ kind: "slow", milliseconds: 60_000 });
    await assert.rejects(fetch(pulls(), { signal: AbortSignal.timeout(50) }), { name: "TimeoutError" });
    await github.outage(undefined);
    assert.deepEqual(await numbersAt(pulls()), [1]);
  });

  it("has everything after a restart", async () => {
    await github.openPullRequest({ repo, head: sha(1), labels: ["canary/api"] });
    const before = await github.list();
    await server.close();
    await start();
    assert.deepEqual(await github.list(), before);
  });

  it("refuses with a reason what cannot be", async () => {
    await github.openPullRequest({ repo, head: sha(1), number: 7 });
    await assert.rejects(github.openPullRequest({ repo, head: sha(1), number: 7 }), /has a pull request 7/);
    await assert.rejects(github.close(repo, 8), /has no pull request 8/);
    await assert.rejects(github.outage({ kind: "status", status: 200 as 500 }), /An outage is/);
  });
});
