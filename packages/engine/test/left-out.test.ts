import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Status } from "@perch/core";
import { execa } from "execa";
import { request } from "undici";
import { openMirror } from "../src/pull-requests/git/index.ts";
import { find, startTestEngine, type TestEngine } from "./support/engine.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";

/** As git-lfs commits it. */
const POINTER = `version https://git-lfs.github.com/spec/v1
oid sha256:97aa4627f7ff1ffa728f6a938f00a2741c0a10bc2e4f92cb770ac0f507eb5a10
size 100000
`;

// A machine where `git lfs install` was run would fetch what these pointers stand for.
process.env.GIT_CONFIG_GLOBAL = "/dev/null";
process.env.GIT_CONFIG_NOSYSTEM = "1";

const SIGNAL = new AbortController().signal;

describe("files that git alone does not bring", () => {
  let repository: TestRepository;
  let library: TestRepository;
  let test: TestEngine;

  before(async () => {
    repository = await makeRepository();
    library = await makeRepository();
    test = await startTestEngine(repository);
    await test.engine.settled();
  });
  after(async () => {
    await test.close();
    await library.remove();
    await repository.remove();
  });

  /** A submodule, as `git submodule add` commits it, on top of a pull request. */
  async function addSubmodule(number: number): Promise<void> {
    const work = join(repository.remote, "..", "with-submodule");
    const git = (...args: string[]) =>
      execa("git", ["-c", "user.name=Test", "-c", "user.email=test@perch.invalid", ...args], { cwd: work });
    await execa("git", ["clone", "--quiet", repository.remote, work]);
    await git("fetch", "--quiet", "origin", `refs/pull/${number}/head`);
    await git("checkout", "--quiet", "FETCH_HEAD");
    const allowed = ["-c", "protocol.file.allow=always"];
    await git(...allowed, "submodule", "--quiet", "add", library.remote, "services/web/lib");
    await git("commit", "--quiet", "-m", "A submodule");
    await git("push", "--quiet", "origin", `HEAD:refs/pull/${number}/head`);
  }

  it("are named in the log and in the failure that may come of it: an empty submodule", async () => {
    await repository.pushPullRequest(1, behaviour({ exitAtOnce: true }));
    await addSubmodule(1);
    const failureOf = (status: Status) => find(status, "web-canary-pr-1")?.failure;
    const failure = failureOf(
      await test.until(
        "the failure of the head that has it",
        (status) => failureOf(status)?.hint.includes("Submodules") ?? false,
      ),
    );
    assert.match(
      failure?.hint ?? "",
      /^Submodules are not fetched, these folders are empty: services\/web\/lib\. Read `perch logs web --pr 1`/,
    );
    assert.match(failure?.logTail.join("\n") ?? "", /\[perch\] Submodules are not fetched/);
  });

  it("do not hinder a service that does without them: pointers of Git LFS", async () => {
    const pointers = ["a", "b", "c", "d", "e"].map((name) => [`services/web/${name}.bin`, POINTER] as const);
    await repository.pushPullRequest(2, {
      ...behaviour({ says: "two" }),
      ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
      ...Object.fromEntries(pointers),
    });
    await test.untilState("web-canary-pr-2", "ready");
    const { body } = await request(
      `${test.engine.status().engine.statusUrl}/api/logs?service=web&pr=2&lines=100`,
    );
    const log = await body.text();
    assert.match(
      log,
      /\[perch\] Git LFS is not set up for the user of perch, these files are pointers: services\/web\/a\.bin, \S+, \S+ and 2 more\./,
    );
  });

  it("fail the checkout where Git LFS is set up and cannot fetch them, with what to do", async () => {
    const head = await repository.pushBranch("lfs", {
      ".gitattributes": "*.bin filter=lfs\n",
      "services/web/a.bin": POINTER,
    });
    const folder = await mkdtemp(join(tmpdir(), "perch-mirror-"));
    try {
      const mirror = await openMirror(join(folder, "mirror.git"), repository.remote);
      await mirror.fetch(["+refs/heads/*:refs/perch/heads/*"], new AbortController().signal);
      const set = (key: string, value: string) =>
        execa("git", ["config", `filter.lfs.${key}`, value], { cwd: mirror.path });
      await set("smudge", "git-lfs-that-is-not-there smudge -- %f");
      await set("required", "true");
      await assert.rejects(mirror.add(head, join(folder, "worktree"), SIGNAL), {
        code: "CHECKOUT_FAILED",
        hint: /^Git LFS is set up/,
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("are not looked for behind a link of the author's: what it leads to may never answer", async () => {
    const folder = await mkdtemp(join(tmpdir(), "perch-mirror-"));
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    const git = async (args: string[], input = "") =>
      (await execa("git", args, { cwd: repository.remote, input })).stdout;
    const blob = (text: string) => git(["hash-object", "-w", "--stdin"], text);
    const entries = [
      `100644 blob ${await blob("*.bin filter=lfs\n")}\t.gitattributes\n`,
      `120000 blob ${await blob(fifo)}\ta.bin\n`,
    ];
    const author = ["-c", "user.name=Test", "-c", "user.email=test@perch.invalid"];
    const tree = await git(["mktree"], entries.join(""));
    const head = await git([...author, "commit-tree", tree, "-m", "A link"]);
    await git(["update-ref", "refs/heads/link", head]);
    const mirror = await openMirror(join(folder, "mirror.git"), repository.remote);
    await mirror.fetch(["+refs/heads/*:refs/perch/heads/*"], new AbortController().signal);
    const added = mirror.add(head, join(folder, "worktree"), SIGNAL);
    const outcome = await Promise.race([added, sleep(10_000, "it waits", { ref: false })]);
    // It would wait for a writer until there is one.
    await (await open(fifo, constants.O_RDWR | constants.O_NONBLOCK)).close();
    await rm(folder, { recursive: true, force: true });
    assert.deepEqual(outcome, []);
  });

  it("are not spoken of where there are none", async () => {
    await repository.pushPullRequest(3, behaviour({ exitAtOnce: true }));
    const { failure } = await test.untilState("web-canary-pr-3", "failed");
    assert.doesNotMatch(failure?.hint ?? "", /Submodules|LFS/);
  });
});
