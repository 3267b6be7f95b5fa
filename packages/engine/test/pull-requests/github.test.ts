import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Outage } from "@perch/code-host";
import type { PullRequest, RepositoryObservation } from "@perch/core";
import { openGithubSources } from "../../src/pull-requests/github/index.ts";
import type { PullRequestSource } from "../../src/pull-requests/source.ts";
import { REPO, startTestGithub, type TestGithub } from "../support/github.ts";
import { eventually } from "../support/processes.ts";
import { behaviour } from "../support/repository.ts";

const signal = new AbortController().signal;
let github: TestGithub;
let folder: string;
let source: PullRequestSource;

const open = async (timeout = 10_000) => {
  const identity = { token: "secret-token" };
  const sources = openGithubSources({ host: github.url, identity, timeout, remotes: new Map() });
  return (await sources(REPO, join(folder, "mirror.git"))).source;
};
let known: RepositoryObservation | undefined;
/** As the engine does: what was seen last is known. */
const observe = async () => {
  known = await source.observe(signal, known);
  return known;
};
const numbers = async () => (await observe()).pullRequests.map(({ number }) => number);
const only = async (number: number): Promise<PullRequest | undefined> =>
  (await observe()).pullRequests.find((one) => one.number === number);
const says = (what: string) => behaviour({ says: what });
const vouched = async (number: number) => (await only(number))?.gate?.vouched;

beforeEach(async () => {
  github = await startTestGithub({ "README.md": "x" });
  folder = await mkdtemp(join(tmpdir(), "perch-github-mirror-"));
  source = await open();
  known = undefined;
});
afterEach(async () => {
  await github.close();
  await rm(folder, { recursive: true, force: true });
});

describe("GitHub as the source of pull requests", () => {
  it("sees head, title, labels and the paths changed since the merge base with the default branch", async () => {
    const number = await github.open(says("one"), { title: "Say\u001b[2J one", labels: ["canary/web", "x"] });
    const main = await github.repository.commitToMain({ "README.md": "main moved on" });
    const { stableHead, pullRequests } = await observe();
    assert.equal(stableHead, main);
    const [listed] = await github.control.list();
    assert.deepEqual(pullRequests, [
      {
        repo: REPO,
        number,
        head: listed?.head,
        title: "Say [2J one",
        changedPaths: ["services/web/behaviour.json"],
        gate: { labels: ["canary/web", "x"], isDraft: false, isFork: false, vouched: [] },
      },
    ]);
  });

  it("fetches nothing of a pull request that has no label for canaries", async () => {
    await github.open(says("one"), { labels: ["bug"] });
    assert.deepEqual((await only(1))?.changedPaths, []);
    const refs = execFileSync("git", ["for-each-ref"], { cwd: join(folder, "mirror.git"), encoding: "utf8" });
    assert.doesNotMatch(refs, /pull/);
    await github.control.label(REPO, 1, "canary");
    assert.deepEqual((await only(1))?.changedPaths, ["services/web/behaviour.json"]);
  });

  it("reads every page of the list", async () => {
    const head = await github.repository.pushBranch("many", says("many"));
    for (let i = 0; i < 203; i += 1) await github.control.openPullRequest({ repo: REPO, head });
    assert.deepEqual(
      await numbers(),
      Array.from({ length: 203 }, (_, i) => i + 1),
    );
  });

  it("sees the first of a new page, although the page before it is full and did not change", async () => {
    const head = await github.repository.pushBranch("many", says("many"));
    const openMore = () => github.control.openPullRequest({ repo: REPO, head });
    for (let i = 0; i < 100; i += 1) await openMore();
    assert.equal((await numbers()).length, 100);
    await openMore();
    assert.equal((await numbers()).at(-1), 101);
  });

  it("asks again with ETags only: what did not change costs nothing of the hour", async () => {
    await github.open(says("one"), { fork: "someone/test" });
    await observe();
    const first = source.api?.();
    await observe();
    await observe();
    const after = source.api?.();
    assert.equal(
      (after?.requests ?? 0) - (first?.requests ?? 0),
      4,
      "two a look: the list and the default branch",
    );
    assert.equal((after?.unmodified ?? 0) - (first?.unmodified ?? 0), 4);
    assert.equal(after?.remaining, first?.remaining);
    assert.equal(after?.limit, 5000);
  });

  it("sees a push, a new label and a closed pull request at the next look", async () => {
    await github.open(says("one"));
    await github.open(says("two"));
    await observe();
    const head = await github.push(1, says("one again"));
    await github.control.label(REPO, 1, "x");
    await github.control.close(REPO, 2);
    const { pullRequests } = await observe();
    assert.deepEqual(
      pullRequests.map((one) => [one.number, one.head, one.gate?.labels]),
      [[1, head, ["canary", "x"]]],
    );
  });

  it("shows its token to the API and to git, and keeps it out of the mirror", async () => {
    await github.open(says("one"));
    await observe();
    const basic = `Basic ${Buffer.from("x-access-token:secret-token").toString("base64")}`;
    assert.deepEqual([...new Set(github.gitAuthorizations)], [basic]);
    const requests = await github.control.requests();
    assert.deepEqual([...new Set(requests.map((one) => one.authorization))], ["token secret-token"]);
    assert.doesNotMatch(
      await readFile(join(folder, "mirror.git", "config"), "utf8"),
      /secret|Authorization/i,
    );
  });

  it("leaves a pull request as it was while git does not have its new head", async () => {
    const number = await github.open(says("one"));
    const before = await only(number);
    const head = await github.push(number, says("again"));
    execFileSync("git", ["update-ref", `refs/pull/${number}/head`, before?.head ?? ""], {
      cwd: github.repository.remote,
    });
    assert.equal((await only(number))?.head, before?.head);
    execFileSync("git", ["update-ref", "-d", `refs/pull/${number}/head`], { cwd: github.repository.remote });
    assert.equal((await only(number))?.head, before?.head, "one ref that is gone holds up nothing");
    execFileSync("git", ["update-ref", `refs/pull/${number}/head`, head], { cwd: github.repository.remote });
    assert.equal((await only(number))?.head, head);
  });

  it("closes what was closed also while git cannot be fetched from, and tells the error at the next look", async () => {
    await github.open(says("one"));
    await github.open(says("two"));
    const [one] = (await observe()).pullRequests;
    const head = await github.push(1, says("one again"));
    await github.repository.commitToMain({ "README.md": "main moved on" });
    await github.control.close(REPO, 2);
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: join(folder, "mirror.git"), encoding: "utf8" }).trim();
    const url = git("config", "remote.perch.url");
    git("config", "remote.perch.url", join(folder, "nowhere"));
    assert.deepEqual((await observe()).pullRequests, [one]);
    await assert.rejects(observe(), { code: "SOURCE_UNREACHABLE" });
    git("config", "remote.perch.url", url);
    // After a failure it is asked again only after a pause.
    const after = await eventually(() => only(1));
    assert.equal(after?.head, head);
  });

  it("leaves one that cannot be fetched as it was, and tells it as a problem", async () => {
    const number = await github.open(says("one"));
    const before = await only(number);
    await github.push(number, says("again"));
    execFileSync("git", ["config", "remote.perch.url", join(folder, "nowhere")], {
      cwd: join(folder, "mirror.git"),
    });
    assert.equal((await only(number))?.head, before?.head);
    assert.match(source.problem?.()?.message ?? "", /pull request 1 cannot be fetched: fatal: /);
  });

  it("believes the labels of one that cannot be fetched, and of all while git cannot be fetched from", async () => {
    for (const number of [1, 2]) {
      await github.open(says(`${number}`));
      await github.control.label(REPO, number, "canary/web");
    }
    await github.open(says("3"), { labels: [] });
    await observe();
    const labels = async () => (await observe()).pullRequests.map(({ gate }) => gate?.labels);
    await github.push(1, says("again"));
    await github.push(3, says("again"));
    execFileSync("git", ["config", "remote.perch.url", join(folder, "nowhere")], {
      cwd: join(folder, "mirror.git"),
    });
    await github.control.unlabel(REPO, 1, "canary");
    await github.control.label(REPO, 3, "canary");
    // Nothing is known of the third but its labels, so it stays without.
    assert.deepEqual(await labels(), [["canary/web"], ["canary", "canary/web"], []]);
    await github.control.permission(REPO, "maintainer", "write");
    await github.control.draft(REPO, 1, true);
    assert.deepEqual(await vouched(1), ["canary/web"], "a draft's label counts by who has set it");
    await github.repository.commitToMain({ "README.md": "main moved on" });
    await github.control.unlabel(REPO, 2, "canary");
    assert.deepEqual(await labels(), [["canary/web"], ["canary/web"], []]);
    await assert.rejects(observe(), { code: "SOURCE_UNREACHABLE" });
  });

  it("forgets the commits of closed pull requests", async () => {
    await github.open(says("one"));
    await github.open(says("two"));
    const refs = () =>
      execFileSync("git", ["for-each-ref", "--format=%(refname)", "refs/perch/pull"], {
        cwd: join(folder, "mirror.git"),
        encoding: "utf8",
      });
    await observe();
    assert.equal(refs(), "refs/perch/pull/1\nrefs/perch/pull/2\n");
    await github.control.close(REPO, 1);
    await observe();
    assert.equal(refs(), "refs/perch/pull/2\n");
  });
});

describe("several repositories", () => {
  it("are looked at each by itself: one that fails holds up no other", async () => {
    const sources = openGithubSources({
      host: github.url,
      identity: { token: "t" },
      timeout: 10_000,
      remotes: new Map(),
    });
    const other = (await sources("acme/other", join(folder, "other.git"))).source;
    await github.open(says("one"));
    await assert.rejects(other.observe(signal), {
      message: /acme\/other where the default branch is: it answered 409/,
    });
    assert.deepEqual(await numbers(), [1]);
  });
});

describe("who vouches for a pull request", () => {
  beforeEach(async () => {
    await github.control.permission(REPO, "maintainer", "write");
  });

  it("is not asked where its branch is in the repository itself", async () => {
    await github.open(says("one"));
    await observe();
    const targets = (await github.control.requests()).map(({ target }) => target);
    assert.equal(targets.filter((target) => /events|collaborators/.test(target)).length, 0);
  });

  it("is somebody with write access, for a draft: not a reader, not a bot, not its author by opening it so", async () => {
    await github.open(says("one"), { draft: true });
    assert.deepEqual(await vouched(1), []);
    for (const by of ["reader", "labeler[bot]"]) {
      await github.control.unlabel(REPO, 1, "canary");
      await github.control.label(REPO, 1, "canary", by);
      assert.deepEqual(await vouched(1), [], by);
    }
    await github.control.label(REPO, 1, "canary/web", "maintainer");
    assert.deepEqual(await vouched(1), ["canary/web"]);
    await github.push(1, says("again"));
    assert.deepEqual(
      await vouched(1),
      ["canary/web"],
      "who can push to the repository has write access anyway",
    );
  });

  it("has to do so anew after each push to a fork", async () => {
    await github.open(says("one"), { fork: "someone/test", labels: [] });
    await github.control.label(REPO, 1, "canary");
    assert.deepEqual(await vouched(1), ["canary"]);
    await github.push(1, says("something else"));
    assert.deepEqual(await vouched(1), []);
    await github.control.unlabel(REPO, 1, "canary");
    await github.control.label(REPO, 1, "canary");
    assert.deepEqual(await vouched(1), ["canary"]);
  });

  it("need not do so again when the fork's other branches move, not even after a restart", async () => {
    await github.open(says("one"), { fork: "someone/test", labels: [] });
    await github.control.label(REPO, 1, "canary");
    assert.deepEqual(await vouched(1), ["canary"]);
    await github.control.pushElsewhere(REPO, 1);
    source = await open();
    assert.deepEqual(await vouched(1), ["canary"]);
  });

  it("cannot be told of a fork that was pushed to between the label and the first look", async () => {
    await github.open(says("one"), { fork: "someone/test", labels: [] });
    await github.control.label(REPO, 1, "canary");
    await github.push(1, says("slipped in"));
    assert.deepEqual(await vouched(1), []);
  });

  it("has vouched for a fork that is gone only if that was seen before", async () => {
    await github.open(says("one"), { fork: null });
    await github.control.unlabel(REPO, 1, "canary");
    await github.control.label(REPO, 1, "canary");
    assert.deepEqual(await vouched(1), []);
  });
});

describe("a GitHub that fails or lies", () => {
  const untruths: [Outage, RegExp][] = [
    [{ kind: "status", status: 500 }, /answered 500/],
    [{ kind: "status", status: 502 }, /answered 502/],
    [{ kind: "status", status: 404 }, /answered 404/],
    [{ kind: "status", status: 401 }, /answered 401/],
    [{ kind: "bad-json" }, /should be a list/],
    [{ kind: "error-as-list" }, /should be a list/],
    [{ kind: "empty-list" }, /leaves out pull request 1, which is open/],
    [{ kind: "cut-list" }, /leaves out pull request \d, which is open/],
    [{ kind: "primary-limit", seconds: 900 }, /rate limit is used up for another (900|89\d) s/],
    [{ kind: "secondary-limit", seconds: 30 }, /rate limit is used up for another 30 s/],
    [{ kind: "secondary-limit" }, /rate limit is used up for another 60 s/],
  ];
  for (const [outage, message] of untruths) {
    it(`is an error, not an answer: ${JSON.stringify(outage)}`, async () => {
      for (let i = 0; i < 3; i += 1) await github.open(says(`${i}`));
      await observe();
      await github.during(outage, () => assert.rejects(observe(), { code: "SOURCE_UNREACHABLE", message }));
    });
  }

  it("is not believed after a restart either: what an earlier engine saw is not closed by an empty list", async () => {
    await github.open(says("one"));
    await observe();
    source = await open();
    await github.during({ kind: "empty-list" }, () =>
      assert.rejects(observe(), { message: /leaves out pull request 1, which is open/ }),
    );
    await github.control.close(REPO, 1);
    await eventually(async () => assert.deepEqual(await numbers(), []));
  });

  it("holds up no other pull request where it has one no more and does not say that it was closed", async () => {
    const head = await github.open(says("one")).then(() => only(1));
    await github.open(says("two"));
    await observe();
    await github.during({ kind: "hidden", number: 1 }, async () => {
      await github.control.close(REPO, 2);
      assert.deepEqual((await observe()).pullRequests, [head]);
      assert.match(source.problem?.()?.message ?? "", /^GitHub has no pull request 1 of acme\/test any more/);
    });
    assert.deepEqual((await observe()).pullRequests, [head]);
    assert.equal(source.problem?.(), undefined);
  });

  it("is an error when it does not answer in time", async () => {
    source = await open(200);
    await github.during({ kind: "slow", milliseconds: 60_000 }, () =>
      assert.rejects(observe(), { code: "SOURCE_UNREACHABLE", message: /did not answer in time/ }),
    );
  });

  it("is asked no more until a rate limit is over", async () => {
    await observe();
    await github.during({ kind: "secondary-limit", seconds: 3600 }, async () => {
      await assert.rejects(observe());
      const before = (await github.control.requests()).length;
      for (let i = 0; i < 20; i += 1) await assert.rejects(observe(), /rate limit/);
      assert.equal((await github.control.requests()).length, before);
    });
  });

  it("shows its token in no error, whatever is printed of it", async () => {
    await github.during({ kind: "status", status: 401 }, async () => {
      const error = await observe().catch((failure: Error) => failure);
      assert.doesNotMatch(
        JSON.stringify({ ...(error as Error) }) + String((error as Error).message),
        /secret-token/,
      );
    });
  });
});
