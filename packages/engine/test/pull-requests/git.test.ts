import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { git } from "../../src/pull-requests/git/git.ts";
import { gitSource, type Mirror, openMirror } from "../../src/pull-requests/git/index.ts";
import { behaviour, makeRepository, type TestRepository } from "../support/repository.ts";

const SIGNAL = new AbortController().signal;

describe("a git remote as the source of pull requests", () => {
  let repository: TestRepository;
  let folder: string;
  let mirror: Mirror;
  const signal = new AbortController().signal;

  before(async () => {
    repository = await makeRepository({ "README.md": "x" });
    folder = await mkdtemp(join(tmpdir(), "perch-mirror-"));
    mirror = await openMirror(join(folder, "mirror.git"), repository.remote);
  });
  after(async () => {
    await repository.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const observe = () => gitSource("acme/test", repository.remote, mirror).observe(signal);
  const only = async (number: number) => (await observe()).pullRequests.find((one) => one.number === number);

  it("sees head, title and the paths changed since the merge base", async () => {
    const head = await repository.pushPullRequest(1, behaviour({ says: "one" }), "Say one");
    await repository.commitToMain({ "README.md": "main moved on" });
    assert.deepEqual(await only(1), {
      repo: "acme/test",
      number: 1,
      head,
      title: "Say one",
      changedPaths: ["services/web/behaviour.json"],
    });
  });

  it("counts a file that moved out of a folder as a change of both", async () => {
    const server = await readFile(join(import.meta.dirname, "..", "fixtures", "web", "server.js"), "utf8");
    await repository.pushPullRequest(2, {
      "services/web/server.js": undefined,
      "elsewhere/server.js": server,
    });
    assert.deepEqual((await only(2))?.changedPaths, ["elsewhere/server.js", "services/web/server.js"]);
  });

  it("takes control characters out of a title, which is its author's", async () => {
    await repository.pushPullRequest(3, behaviour({ says: "three" }), "\u001b[2JGone\u0007 \u202egnp");
    const title = (await only(3))?.title ?? "";
    assert.doesNotMatch(title, /\p{C}/u);
    assert.match(title, /Gone/);
  });

  it("keeps paths with spaces, quotes and new lines whole", async () => {
    const path = 'services/web/a "b"\nc.txt';
    await repository.pushPullRequest(4, { [path]: "x" });
    assert.deepEqual((await only(4))?.changedPaths, [path]);
  });

  it("forgets a pull request when its ref is deleted", async () => {
    await repository.closePullRequest(4);
    assert.equal(await only(4), undefined);
  });

  it("leaves out a ref that leads to no commit, and sees the others all the same", async () => {
    const own = await makeRepository();
    const source = gitSource("acme/own", own.remote, await openMirror(join(folder, "own.git"), own.remote));
    await own.pushPullRequest(1, behaviour({ says: "one" }));
    const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: own.remote, input: "x" });
    const ref = ["update-ref", "refs/pull/9/head", String(blob).trim()];
    execFileSync("git", ref, { cwd: own.remote });
    const { pullRequests } = await source.observe(signal);
    assert.deepEqual(
      pullRequests.map(({ number }) => number),
      [1],
    );
    await own.remove();
  });

  it("asks git once for each pull request when main moves on: a remote may have thousands", async () => {
    const own = await makeRepository();
    const real = await openMirror(join(folder, "counted.git"), own.remote);
    const asked: string[] = [];
    const count =
      <T extends unknown[], R>(name: string, ask: (...args: T) => R) =>
      (...args: T): R => {
        asked.push(name);
        return ask(...args);
      };
    const counted: Mirror = {
      ...real,
      isCommit: count("isCommit", real.isCommit),
      subject: count("subject", real.subject),
      changedPaths: count("changedPaths", real.changedPaths),
    };
    const source = gitSource("acme/own", own.remote, counted);
    for (const number of [1, 2]) await own.pushPullRequest(number, behaviour({ says: `${number}` }));
    await source.observe(signal);
    asked.length = 0;
    await own.commitToMain({ "README.md": "main moved on" });
    const { pullRequests } = await source.observe(signal);
    assert.deepEqual(asked, ["changedPaths", "changedPaths"]);
    assert.deepEqual(
      pullRequests.map(({ changedPaths }) => changedPaths),
      [["services/web/behaviour.json"], ["services/web/behaviour.json"]],
    );
    await own.remove();
  });

  it("compares a history that has nothing in common with main's as it is", async () => {
    const own = await makeRepository();
    const blank = ["commit-tree", "-m", "Alone", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"];
    const author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    execFileSync("git", ["hash-object", "-t", "tree", "-w", "/dev/null"], { cwd: own.remote });
    const alone = execFileSync("git", [...author, ...blank], { cwd: own.remote, encoding: "utf8" }).trim();
    execFileSync("git", ["update-ref", "refs/pull/1/head", alone], { cwd: own.remote });
    const source = gitSource("acme/own", own.remote, await openMirror(join(folder, "alone.git"), own.remote));
    const [one] = (await source.observe(signal)).pullRequests;
    assert.deepEqual(one?.changedPaths, ["services/web/behaviour.json", "services/web/server.js"]);
    await own.remove();
  });

  it("takes more changed paths than are listed for everything, and a long message for its beginning", async () => {
    const own = await makeRepository();
    const git = (args: string[], input = "") =>
      execFileSync("git", args, { cwd: own.remote, input, encoding: "utf8" }).trim();
    // Trees in trees: 131072 paths in four objects.
    const name = (i: number) => `${i}`.padEnd(80, "x");
    let entry = `100644 blob ${git(["hash-object", "-w", "--stdin"])}`;
    for (const width of [256, 256, 2]) {
      const names = Array.from({ length: width }, (_, i) => `${entry}\t${name(i)}\n`);
      entry = `040000 tree ${git(["mktree"], names.join(""))}`;
    }
    const tree = entry.slice("040000 tree ".length);
    const author = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    const head = git([...author, "commit-tree", tree, "-p", "main"], "long ".repeat(2 ** 18));
    git(["update-ref", "refs/pull/1/head", head]);
    await own.pushPullRequest(2, behaviour({ says: "two" }));
    const mirror = await openMirror(join(folder, "trees.git"), own.remote);
    const { pullRequests } = await gitSource("acme/own", own.remote, mirror).observe(signal);
    assert.deepEqual(
      pullRequests.map(({ changedPaths }) => changedPaths.slice(0, 2)),
      [["."], ["services/web/behaviour.json"]],
    );
    assert.ok((await mirror.subject(head)).length <= 2 ** 16);
    await own.remove();
  });

  it("gives no changed path to one that is merged", async () => {
    const head = await repository.pushPullRequest(5, behaviour({ says: "five" }));
    await repository.commitToMain(behaviour({ says: "five" }));
    const source = gitSource("acme/test", repository.remote, mirror);
    await source.observe(signal);
    await repository.forcePush(5, (await observe()).stableHead);
    const five = (await source.observe(signal)).pullRequests.find(({ number }) => number === 5);
    assert.notEqual(five?.head, head);
    assert.deepEqual(five?.changedPaths, []);
  });

  it("says what git said, and what to do, when the remote is not there", async () => {
    const source = gitSource("acme/test", join(folder, "nowhere.git"), mirror);
    await assert.rejects(source.observe(signal), {
      code: "SOURCE_UNREACHABLE",
      message: /nowhere\.git cannot be read: fatal: .*does not/,
      hint: /git ls-remote/,
    });
  });
});

describe("git as perch runs it", () => {
  it("acts on perch's own repositories, also where a hook of another one runs perch", async () => {
    const folder = await mkdtemp(join(tmpdir(), "perch-hook-"));
    const outer = join(folder, "outer");
    execFileSync("git", ["init", "--quiet", outer]);
    process.env.GIT_DIR = join(outer, ".git");
    try {
      await openMirror(join(folder, "mirror.git"), "/somewhere");
    } finally {
      delete process.env.GIT_DIR;
    }
    assert.doesNotMatch(await readFile(join(outer, ".git", "config"), "utf8"), /perch/);
    assert.match(await readFile(join(folder, "mirror.git", "config"), "utf8"), /\/somewhere/);
    await rm(folder, { recursive: true });
  });

  it("makes a mirror anew that is damaged, and goes over locks that were left in it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "perch-damaged-"));
    await openMirror(folder, "/somewhere");
    await writeFile(join(folder, "config"), "[[[");
    await writeFile(join(folder, "config.lock"), "");
    await openMirror(folder, "/somewhere");
    assert.match(await readFile(join(folder, "config"), "utf8"), /\/somewhere/);
    await rm(join(folder, "objects"), { recursive: true });
    await openMirror(folder, "/somewhere");
    assert.ok((await readdir(folder)).includes("objects"));
    await rm(folder, { recursive: true });
  });

  it("forgets the refs of pull requests that are closed, and no others", async () => {
    const repository = await makeRepository();
    const folder = await mkdtemp(join(tmpdir(), "perch-mirror-"));
    const mirror = await openMirror(folder, repository.remote);
    for (const number of [1, 2]) await repository.pushPullRequest(number, {});
    const { signal } = new AbortController();
    await mirror.fetch(["+refs/pull/*/head:refs/perch/pull/*", "+HEAD:refs/perch/stable"], signal);
    await mirror.collect(new Set([2]), signal);
    const refs = await git(["for-each-ref", "--format=%(refname)"], { cwd: folder });
    assert.deepEqual(refs.trim().split("\n"), ["refs/perch/pull/2", "refs/perch/stable"]);
    await rm(folder, { recursive: true });
    await repository.remove();
  });

  it("says what to do when a mirror cannot be opened, or git is not installed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "perch-damaged-"));
    await openMirror(folder, "/somewhere");
    await rm(join(folder, "config"));
    await mkdir(join(folder, "config"));
    await assert.rejects(openMirror(folder, "/somewhere"), {
      code: "STATE_DIR_UNUSABLE",
      hint: /Delete that folder/,
    });
    const { PATH } = process.env;
    process.env.PATH = folder;
    try {
      await assert.rejects(openMirror(folder, "/somewhere"), {
        message: /git is not installed/,
        hint: /Install git/,
      });
    } finally {
      process.env.PATH = PATH;
    }
    await rm(folder, { recursive: true });
  });
});

describe("a mirror", () => {
  it("checks a commit out into a folder of its own and removes it without a trace", async () => {
    const repository = await makeRepository();
    const head = await repository.pushPullRequest(1, behaviour({ says: "one" }));
    const folder = await mkdtemp(join(tmpdir(), "perch-mirror-"));
    const mirror = await openMirror(join(folder, "mirror.git"), repository.remote);
    await mirror.fetch(["+refs/pull/1/head:refs/perch/pull/1"], new AbortController().signal);
    const worktree = join(folder, "worktree");
    await mirror.add(head, worktree, SIGNAL);
    assert.match(await readFile(join(worktree, "services/web/behaviour.json"), "utf8"), /one/);
    await mirror.remove(worktree);
    await assert.rejects(readFile(join(worktree, "services/web/behaviour.json")));
    await mirror.add(head, worktree, SIGNAL);
    await rm(folder, { recursive: true, force: true });
    await repository.remove();
  });

  it("says which commit it could not check out", async () => {
    const repository = await makeRepository();
    const folder = await mkdtemp(join(tmpdir(), "perch-mirror-"));
    const mirror = await openMirror(join(folder, "mirror.git"), repository.remote);
    await assert.rejects(mirror.add("f".repeat(40), join(folder, "worktree"), SIGNAL), {
      code: "CHECKOUT_FAILED",
      message: /ffffffffffff could not be checked out: fatal/,
    });
    await rm(folder, { recursive: true, force: true });
    await repository.remove();
  });

  it("is asked for other things while a commit is checked out that takes long", async () => {
    const repository = await makeRepository();
    const slow = { ".gitattributes": "slow.txt filter=slow\n", "slow.txt": "x" };
    const head = await repository.pushPullRequest(1, slow);
    const folder = await mkdtemp(join(tmpdir(), "perch-mirror-"));
    const path = join(folder, "mirror.git");
    const mirror = await openMirror(path, repository.remote);
    await mirror.fetch(["+refs/pull/1/head:refs/perch/pull/1"], SIGNAL);
    const gate = join(folder, "gate");
    const filter = `while [ ! -e '${gate}' ]; do sleep 0.05; done; cat`;
    await git(["config", "filter.slow.smudge", filter], { cwd: path });
    const added = mirror.add(head, join(folder, "worktree"), SIGNAL);
    // It is under way once the filter has been asked, which is after the worktree is there.
    while (!(await readFile(join(folder, "worktree", ".git")).catch(() => undefined)))
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(await mirror.has(head), true);
    assert.equal(await mirror.subject(head), "Change 1");
    await writeFile(gate, "");
    assert.deepEqual(await added, []);
    assert.equal(await readFile(join(folder, "worktree", "slow.txt"), "utf8"), "x");
    await rm(folder, { recursive: true });
    await repository.remove();
  });

  it("keeps nothing of objects that were not fetched to their end, and no record of a worktree that was cut off", async () => {
    const repository = await makeRepository();
    const folder = await mkdtemp(join(tmpdir(), "perch-mirror-"));
    const path = join(folder, "mirror.git");
    const mirror = await openMirror(path, repository.remote);
    const head = await repository.pushPullRequest(1, {});
    await mirror.fetch(["+refs/pull/1/head:refs/perch/pull/1"], SIGNAL);
    const objects = join(path, "objects");
    const leave = async () => {
      await mkdir(join(objects, "00"), { recursive: true });
      for (const name of ["pack/tmp_pack_1", "pack/tmp_idx_1", "00/tmp_obj_1"])
        await writeFile(join(objects, name), "part");
    };
    const left = async () => (await readdir(objects, { recursive: true })).filter((one) => /tmp_/.test(one));
    await leave();
    await assert.rejects(mirror.fetch(["+refs/pull/2/head:refs/perch/pull/2"], SIGNAL));
    assert.deepEqual(await left(), []);
    const worktree = join(folder, "worktree");
    await mirror.add(head, worktree, SIGNAL);
    const [record = ""] = await readdir(join(path, "worktrees"));
    await writeFile(join(path, "worktrees", record, "locked"), "initializing");
    await rm(worktree, { recursive: true });
    await leave();
    const again = await openMirror(path, repository.remote);
    assert.deepEqual(await left(), []);
    assert.deepEqual(await readdir(join(path, "worktrees")).catch(() => []), []);
    assert.equal(await again.has(head), true);
    await rm(folder, { recursive: true });
    await repository.remove();
  });

  it("leaves nothing of a commit that it could not check out to its end", async () => {
    const repository = await makeRepository();
    const head = await repository.pushPullRequest(1, {
      ".gitattributes": "*.txt filter=fails\n",
      "a.txt": "x",
    });
    const folder = await mkdtemp(join(tmpdir(), "perch-mirror-"));
    const path = join(folder, "mirror.git");
    const mirror = await openMirror(path, repository.remote);
    await mirror.fetch(["+refs/pull/1/head:refs/perch/pull/1"], SIGNAL);
    for (const [name, value] of [
      ["smudge", "exit 1"],
      ["required", "true"],
    ] as const)
      await git(["config", `filter.fails.${name}`, value], { cwd: path });
    const worktree = join(folder, "worktree");
    await assert.rejects(mirror.add(head, worktree, SIGNAL), { code: "CHECKOUT_FAILED" });
    await assert.rejects(readdir(worktree), { code: "ENOENT" });
    assert.deepEqual(await readdir(join(path, "worktrees")).catch(() => []), []);
    await rm(folder, { recursive: true });
    await repository.remove();
  });
});
