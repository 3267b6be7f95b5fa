import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { watchRefs } from "../../src/pull-requests/git/watch.ts";
import { startTestEngine } from "../support/engine.ts";
import { behaviour, makeRepository, type TestRepository } from "../support/repository.ts";

let repository: TestRepository;

before(async () => {
  repository = await makeRepository();
});
after(() => repository.remove());

/** Watches a remote during some work, and waits until it tells of a change. */
async function tells(remote: string, work: () => Promise<unknown> | unknown): Promise<void> {
  const ending = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  // The watch alone keeps nothing running.
  const timer = setInterval(() => {}, 1_000);
  await watchRefs(remote, resolve, ending.signal);
  await work();
  await promise;
  clearInterval(timer);
  ending.abort();
}

describe("the refs of a remote on this machine", () => {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: repository.remote, encoding: "utf8" }).trim();

  it("tell of a pull request that opens, moves and closes", async () => {
    const { remote } = repository;
    await tells(remote, () => repository.pushPullRequest(1, behaviour({ says: "one" })));
    await tells(remote, () => repository.pushPullRequest(1, behaviour({ says: "again" })));
    await tells(remote, () => repository.closePullRequest(1));
  });

  it("tell of each of many pushes to one pull request, by one watch", async () => {
    const commits = [git("rev-parse", "main"), await repository.commitToMain({ "README.md": "another" })];
    const ending = new AbortController();
    let told = Promise.withResolvers<void>();
    await watchRefs(repository.remote, () => told.resolve(), ending.signal);
    const timer = setInterval(() => {}, 1_000);
    for (let i = 0; i < 20; i += 1) {
      told = Promise.withResolvers<void>();
      git("update-ref", "refs/pull/9/head", commits[i % 2] ?? "");
      await told.promise;
    }
    clearInterval(timer);
    ending.abort();
    git("update-ref", "-d", "refs/pull/9/head");
  });

  it("tell of a push to the default branch, of refs that are packed, and of another default branch", async () => {
    await tells(repository.remote, () => repository.commitToMain({ "README.md": "x" }));
    await tells(repository.remote, () => git("pack-refs", "--all"));
    await tells(repository.remote, () => git("symbolic-ref", "HEAD", "refs/heads/other"));
    git("symbolic-ref", "HEAD", "refs/heads/main");
  });

  it("are found by a file URL, and in a repository with a work tree", async () => {
    await tells(`file://${repository.remote}`, () => git("update-ref", "refs/heads/a", "main"));
    const folder = await mkdtemp(join(tmpdir(), "perch-watch-"));
    execFileSync("git", ["clone", "--quiet", repository.remote, folder]);
    await tells(folder, () => execFileSync("git", ["branch", "b"], { cwd: folder }));
    await rm(folder, { recursive: true });
  });

  it("are watched nowhere else, and nothing fails for that", async () => {
    const never = () => assert.fail("nothing can have been seen");
    const { signal } = new AbortController();
    for (const remote of [
      "https://perch.invalid/a.git",
      "git@perch.invalid:a.git",
      "/no/such",
      "file://host/x",
    ])
      await watchRefs(remote, never, signal);
    await watchRefs(repository.remote, never, AbortSignal.abort());
    await repository.commitToMain({ "README.md": "unseen" });
  });
});

describe("an engine that looks once an hour", () => {
  it("sees every push to a remote on this machine at once", async () => {
    const test = await startTestEngine(repository, { interval: 3_600_000 });
    await test.engine.settled();
    const serves = (says: string) =>
      test
        .until(`serves ${says}`, () => true)
        .then(async () => {
          for (;;) {
            const { json } = await test.get("/", { "x-canary": "5" });
            if (json.says === says) return;
          }
        });
    await repository.pushPullRequest(5, behaviour({ says: "first" }));
    await serves("first");
    await repository.pushPullRequest(5, behaviour({ says: "second" }));
    await serves("second");
    await repository.closePullRequest(5);
    await test.until("it is closed", (status) => status.pullRequests.length === 0);
    await test.close();
  });
});
