import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type GithubControl, type GithubServer, githubControl, startGithub } from "../src/index.ts";

const repo = "acme/shop";
const sha = "1".repeat(40);

let folder = "";
let server: GithubServer;
let github: GithubControl;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "perch-activity-"));
  const file = join(folder, "state.json");
  server = await startGithub({ host: "127.0.0.1", port: 0, file, headMoved: async () => undefined });
  github = githubControl(server.url);
  await github.openPullRequest({ repo, head: sha, number: 7 });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function ask(method: string, path: string, body?: object, token = "bot[bot]") {
  const response = await fetch(`${server.url}/repos/${repo}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: token === "" ? {} : { authorization: `Bearer ${token}` },
  });
  const text = await response.text();
  const data = (text === "" ? null : JSON.parse(text)) as Record<string, unknown> & Record<string, unknown>[];
  return { status: response.status, data, headers: response.headers };
}

describe("who asks", () => {
  it("is the name that the token is; nobody may write without one, or with one that only reads", async () => {
    const body = { body: "hello" };
    assert.equal((await ask("POST", "/issues/7/comments", body, "")).status, 401);
    assert.equal((await ask("POST", "/issues/7/comments", body, "read-only")).status, 403);
    const { status, data } = await ask("POST", "/issues/7/comments", body);
    assert.equal(status, 201);
    assert.deepEqual(data.user, { login: "bot[bot]", type: "Bot" });
  });
});

describe("comments", () => {
  it("are made, listed oldest first, edited by their author alone, and removed", async () => {
    const first = await ask("POST", "/issues/7/comments", { body: "a" });
    await ask("POST", "/issues/7/comments", { body: "b" }, "eve");
    const path = `/issues/comments/${first.data.id}`;
    assert.equal((await ask("PATCH", path, { body: "x" }, "eve")).status, 403);
    assert.equal((await ask("PATCH", path, { body: "c" })).status, 200);
    const { data } = await ask("GET", "/issues/7/comments");
    assert.deepEqual(
      data.map((one) => one.body),
      ["c", "b"],
    );
    assert.equal((await ask("DELETE", path)).status, 204);
    assert.equal((await ask("DELETE", path)).status, 404);
    assert.equal((await ask("POST", "/issues/8/comments", { body: "a" })).status, 404);
    assert.equal((await ask("POST", "/issues/7/comments", { body: "x".repeat(65_537) })).status, 422);
  });
});

describe("labels", () => {
  it("come and go, with a webhook's change and with who did it", async () => {
    await github.label(repo, 7, "bug");
    await ask("POST", "/issues/7/labels", { labels: ["canary/api", "bug"] });
    assert.equal((await ask("DELETE", "/issues/7/labels/canary%2Fapi")).status, 200);
    assert.equal((await ask("DELETE", "/issues/7/labels/canary%2Fapi")).status, 404);
    const { data } = await ask("GET", "/issues/7/events");
    assert.deepEqual(
      data.map(({ event, label, actor }) => [
        event,
        (label as { name: string }).name,
        (actor as { type: string }).type,
      ]),
      [
        ["labeled", "bug", "User"],
        ["labeled", "canary/api", "Bot"],
        ["unlabeled", "canary/api", "Bot"],
      ],
    );
    assert.deepEqual((await github.list())[0]?.labels, ["bug"]);
    assert.equal((await ask("POST", "/issues/7/labels", { labels: ["x".repeat(51)] })).status, 422);
  });

  it("find pull requests by state", async () => {
    await github.label(repo, 7, "canary/api");
    const count = async (query: string) => (await ask("GET", `/issues?${query}`)).data.length;
    assert.equal(await count("labels=canary/api"), 1);
    assert.equal(await count("state=closed&labels=canary/api"), 0);
    await github.close(repo, 7);
    assert.equal(await count("state=closed&labels=canary/api"), 1);
    assert.equal(await count("state=closed&labels=canary/store"), 0);
  });
});

describe("deployments", () => {
  it("are listed newest first, by ref and environment, with statuses newest first", async () => {
    for (const environment of ["a", "b"]) await ask("POST", "/deployments", { ref: sha, environment });
    const { data } = await ask("GET", `/deployments?ref=${sha}`);
    assert.deepEqual(
      data.map(({ environment }) => environment),
      ["b", "a"],
    );
    const [newest] = data;
    for (const state of ["queued", "success"])
      await ask("POST", `/deployments/${newest?.id}/statuses`, { state });
    const statuses = await ask("GET", `/deployments/${newest?.id}/statuses?per_page=1`);
    assert.deepEqual(
      statuses.data.map(({ state }) => state),
      ["success"],
    );
    assert.match(statuses.headers.get("link") ?? "", /rel="next"/);
    assert.equal((await ask("GET", "/deployments?environment=c")).data.length, 0);
  });

  it("take the states that GitHub has, reasons of 140 characters, and go only when they have ended", async () => {
    for (const environment of ["a", "b"]) await ask("POST", "/deployments", { ref: sha, environment });
    const { id } = (await ask("GET", "/deployments")).data[0] ?? {};
    const path = `/deployments/${id}`;
    assert.equal((await ask("POST", `${path}/statuses`, { state: "great" })).status, 422);
    const long = { state: "failure", description: "x".repeat(141) };
    assert.equal((await ask("POST", `${path}/statuses`, long)).status, 422);
    assert.equal((await ask("DELETE", path)).status, 422);
    await ask("POST", `${path}/statuses`, { state: "inactive" });
    assert.equal((await ask("DELETE", path)).status, 204);
    assert.equal((await ask("GET", path)).status, 404);
  });

  it("can have happened long ago", async () => {
    await ask("POST", "/deployments", { ref: sha });
    await github.age(86_400_000);
    const [one] = (await ask("GET", "/deployments")).data;
    assert.ok(Date.parse(String(one?.created_at)) < Date.now() - 86_000_000);
  });
});

describe("faults", () => {
  it("hit the requests that they name, as often as they say, before or after the effect", async () => {
    await github.fault({ method: "POST", path: "/comments", status: 502, times: 1 });
    await github.fault({ method: "POST", path: "/comments", status: 502, times: 1, isAnswerLost: true });
    const statuses: number[] = [];
    for (let count = 0; count < 3; count += 1)
      statuses.push((await ask("POST", "/issues/7/comments", { body: "a" })).status);
    assert.deepEqual(statuses, [502, 502, 201]);
    assert.equal((await github.records()).comments.length, 2);
    assert.equal((await ask("GET", "/issues/7/comments")).status, 200);
  });
});

describe("a fork's pull request", () => {
  it("has its head in another repository", async () => {
    await github.openPullRequest({ repo, head: sha, number: 8, fork: "eve/shop" });
    const { data } = await ask("GET", "/pulls/8");
    assert.equal((data.head as { repo: { full_name: string } }).repo.full_name, "eve/shop");
    assert.equal((data.base as { repo: { full_name: string } }).repo.full_name, repo);
  });
});
