import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ownedProcesses } from "../../src/processes/strays.ts";
import { git } from "../../src/pull-requests/git/git.ts";
import { gitSource, openMirror } from "../../src/pull-requests/git/index.ts";
import { eventually } from "../support/processes.ts";
import { behaviour, makeRepository, type TestRepository } from "../support/repository.ts";

const { signal } = new AbortController();
const EMPTY_TREE = "040000 tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const AUTHOR = ["-c", "user.name=Test", "-c", "user.email=test@perch.invalid"];

let folder: string;
let repository: TestRepository;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "perch-trees-"));
  repository = await makeRepository();
});
afterEach(async () => {
  await repository.remove();
  await rm(folder, { recursive: true, force: true });
});

const inRemote = (args: string[], input: string | Buffer = "") =>
  execFileSync("git", args, { cwd: repository.remote, input, encoding: "utf8" }).trim();
const blob = (content: string | Buffer) =>
  `100644 blob ${inRemote(["hash-object", "-w", "--stdin"], content)}`;

/** A pull request whose tree has an entry so many times, in trees in trees: each width is one object. */
function pushTrees(number: number, entry: string, widths: readonly number[]): string {
  let nested = entry;
  for (const width of widths) {
    const entries = Array.from({ length: width }, (_, i) => `${nested}\t${`${i}`.padEnd(80, "x")}\n`);
    nested = `040000 tree ${inRemote(["mktree", "--missing"], entries.join(""))}`;
  }
  const tree = nested.slice("040000 tree ".length);
  const head = inRemote([...AUTHOR, "commit-tree", tree, "-p", "main", "-m", "Trees"]);
  inRemote(["update-ref", `refs/pull/${number}/head`, head]);
  return head;
}

const open = async (walk?: number) => {
  const mirror = await openMirror(join(folder, "mirror.git"), repository.remote, undefined, walk);
  return { mirror, source: gitSource("acme/test", repository.remote, mirror) };
};

describe("a commit of trees in trees", () => {
  const isThere = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );

  it("is refused before a file is written where it has too many", async () => {
    const head = pushTrees(1, blob(""), [64, 64, 64]);
    const { mirror, source } = await open();
    await source.observe(signal);
    const worktree = join(folder, "worktree");
    await assert.rejects(mirror.add(head, worktree, signal), {
      code: "CHECKOUT_FAILED",
      fault: "pull-request",
      message: new RegExp(`^Commit ${head.slice(0, 12)} is not checked out: it has more files`),
    });
    assert.equal(await isThere(worktree), false);
  });

  it("is refused before a file is written where its files are larger than what is free", async () => {
    const head = pushTrees(1, blob(Buffer.alloc(2 ** 26)), [256, 128]);
    const { mirror, source } = await open();
    await source.observe(signal);
    const worktree = join(folder, "worktree");
    await assert.rejects(mirror.add(head, worktree, signal), {
      code: "CHECKOUT_FAILED",
      fault: "pull-request",
      message: /it has files of 2097152 MiB, and \d+ MiB of the disk are free/,
    });
    assert.equal(await isThere(worktree), false);
  });

  it("holds up nobody where it has not one file: it has changed everything, and that is found out once", {
    timeout: 60_000,
  }, async () => {
    inRemote(["hash-object", "-t", "tree", "-w", "/dev/null"]);
    const head = pushTrees(1, EMPTY_TREE, [256, 256, 256, 256, 256]);
    await repository.pushPullRequest(2, behaviour({ says: "two" }));
    const walk = 5_000;
    const { mirror, source } = await open(walk);
    const { stableHead, pullRequests } = await source.observe(signal);
    assert.deepEqual(
      pullRequests.map(({ changedPaths }) => changedPaths),
      [["."], ["services/web/behaviour.json"]],
    );
    const began = performance.now();
    assert.deepEqual(await mirror.changedPaths(stableHead, head, signal), ["."]);
    assert.ok(performance.now() - began < walk, "git is not asked again");
    assert.equal(await mirror.packageFiles(head, signal), undefined);
    await assert.rejects(mirror.add(head, join(folder, "worktree"), signal), { fault: "pull-request" });
  });
});

describe("git that is ended", () => {
  const { GIT_CONFIG_GLOBAL } = process.env;
  // A filter stands for a checkout that takes for ever: what runs it is a child of the git that perch starts.
  const slowCheckout = async () => {
    const { mirror } = await open();
    const head = await repository.pushPullRequest(1, {
      ".gitattributes": "*.bin filter=slow\n",
      "a.bin": "x",
    });
    await mirror.fetch(["+refs/pull/1/head:refs/perch/pull/1"], signal);
    const begun = join(folder, "begun");
    const filter = ["config", "filter.slow.smudge", `touch ${begun}; sleep 1000`];
    execFileSync("git", filter, { cwd: mirror.path });
    return { mirror, head, begun, worktree: join(folder, "worktree") };
  };
  const nothingRuns = (path: string) =>
    eventually(async () => assert.deepEqual(await ownedProcesses(path), []));
  before(() => {
    process.env.GIT_CONFIG_GLOBAL = "/dev/null";
  });
  after(() => {
    if (GIT_CONFIG_GLOBAL === undefined) delete process.env.GIT_CONFIG_GLOBAL;
    else process.env.GIT_CONFIG_GLOBAL = GIT_CONFIG_GLOBAL;
  });

  it("since it took too long leaves no child behind", async () => {
    const { mirror, head, worktree } = await slowCheckout();
    const args = ["worktree", "add", "--detach", worktree, head];
    await assert.rejects(git(args, { cwd: mirror.path, timeout: 1_000 }), { timedOut: true });
    await nothingRuns(mirror.path);
  });

  it("since its instance goes leaves no child behind, and what comes next need not wait", async () => {
    const { mirror, head, begun, worktree } = await slowCheckout();
    const closing = new AbortController();
    const added = mirror.add(head, worktree, closing.signal).catch((error: unknown) => error);
    await eventually(() => access(begun));
    closing.abort();
    assert.equal(
      await Promise.race([added, sleep(20_000, "it goes on", { ref: false })]),
      closing.signal.reason,
    );
    await nothingRuns(mirror.path);
    await mirror.remove(worktree);
    execFileSync("git", ["config", "--unset", "filter.slow.smudge"], { cwd: mirror.path });
    assert.deepEqual(await mirror.add(head, worktree, signal), []);
  });
});
