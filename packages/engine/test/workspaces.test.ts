import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { withDependencies } from "../src/pull-requests/dependencies.ts";
import { gitSource, type Mirror, openMirror } from "../src/pull-requests/git/index.ts";
import type { PullRequestSource } from "../src/pull-requests/source.ts";
import { find, startTestEngine } from "./support/engine.ts";
import { type Files, makeRepository, type TestRepository } from "./support/repository.ts";

const needing = (...names: string[]): string =>
  JSON.stringify({ name: "web", dependencies: Object.fromEntries(names.map((name) => [name, "1.0.0"])) });

/** web needs shared, which needs base; nobody needs other. */
const WORKSPACE: Files = {
  "services/web/package.json": needing("@t/shared"),
  "packages/shared/package.json": JSON.stringify({ name: "@t/shared", dependencies: { "@t/base": "1.0.0" } }),
  "packages/base/package.json": JSON.stringify({ name: "@t/base" }),
  "packages/other/package.json": JSON.stringify({ name: "@t/other" }),
};

describe("a pull request that changes packages of the workspace", () => {
  let repository: TestRepository;
  let folder: string;
  let mirror: Mirror;
  const signal = new AbortController().signal;

  before(async () => {
    repository = await makeRepository(WORKSPACE);
    folder = await mkdtemp(join(tmpdir(), "perch-mirror-"));
    mirror = await openMirror(join(folder, "mirror.git"), repository.remote);
  });
  after(async () => {
    await repository.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const sourceOn = (on: Mirror): PullRequestSource =>
    withDependencies(gitSource("acme/test", repository.remote, on), on, ["services/web"]);
  const WEB = { folder: "services/web", needs: ["packages/base", "packages/shared"] };

  it("gets a canary of the service that needs one of them, through others too, and none for one that nobody needs", async () => {
    await repository.pushPullRequest(1, { "packages/base/index.js": "1" });
    await repository.pushPullRequest(2, { "packages/other/index.js": "1" });
    const test = await startTestEngine(repository);
    try {
      await test.untilState("web-canary-pr-1", "ready");
      await test.engine.settled();
      assert.equal(find(test.engine.status(), "web-canary-pr-2"), undefined);
    } finally {
      await test.close();
    }
  });

  it("is read at its own head, anew after a push", async () => {
    const source = sourceOn(mirror);
    const dependencies = async () =>
      (await source.observe(signal)).pullRequests.find(({ number }) => number === 3)?.dependencies;
    await repository.pushPullRequest(3, { "packages/other/index.js": "2" });
    assert.deepEqual(await dependencies(), [WEB]);
    await repository.pushPullRequest(3, { "services/web/package.json": needing("@t/other") });
    assert.deepEqual(await dependencies(), [{ ...WEB, needs: ["packages/other"] }]);
    await repository.pushPullRequest(3, { "services/web/package.json": needing() });
    assert.equal(await dependencies(), undefined);
  });

  it("holds up no other where its files cannot be read, and keeps what was read of it before", async () => {
    await repository.pushPullRequest(4, { "packages/base/index.js": "4" });
    let broken = false;
    const source = sourceOn({
      ...mirror,
      packageFiles: (commit, ending) =>
        broken ? Promise.reject(new Error("no")) : mirror.packageFiles(commit, ending),
    });
    const before = await source.observe(signal);
    broken = true;
    const head = await repository.pushPullRequest(4, { "packages/base/index.js": "5" });
    const now = (await source.observe(signal)).pullRequests.find(({ number }) => number === 4);
    assert.deepEqual([now?.head, now?.dependencies], [head, [WEB]]);
    // An engine that began only now knows what the one before it knew.
    const anew = sourceOn({ ...mirror, packageFiles: () => Promise.reject(new Error("no")) });
    const known = (await anew.observe(signal, before)).pullRequests.find(({ number }) => number === 4);
    assert.deepEqual(known?.dependencies, [WEB]);
  });

  it("is read whatever its files are called, and none of its package.json is JSON", async () => {
    const path = 'packages/a "b"\nc/package.json';
    const head = await repository.pushPullRequest(5, {
      [path]: "{",
      "x/package.json": "a\n\nb\n",
      "y.json": "y",
    });
    await mirror.fetch([`+refs/pull/5/head:refs/perch/pull/5`], signal);
    const files = await mirror.packageFiles(head, signal);
    assert.equal(files?.get(path), "{");
    assert.equal(files?.get("x/package.json"), "a\n\nb\n");
    assert.equal(files?.get("packages/base/package.json"), WORKSPACE["packages/base/package.json"]);
    assert.ok(![...(files?.keys() ?? [])].some((name) => name.endsWith("y.json")));
  });

  const EVERYTHING = { folder: "services/web", needs: ["."] };
  const tooMuch: Record<string, Files> = {
    "one package.json of many lines": { "x/package.json": "\n".repeat(2 ** 20) },
    "many that are large in all": Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`x/${i}/package.json`, " ".repeat(2 ** 18)]),
    ),
  };
  for (const [name, files] of Object.entries(tooMuch)) {
    it(`gets a canary of every service where more would have to be read: ${name}`, async () => {
      const head = await repository.pushPullRequest(6, files);
      const { pullRequests } = await sourceOn(mirror).observe(signal);
      const found = pullRequests.find((one) => one.number === 6);
      assert.deepEqual([found?.head, found?.dependencies], [head, [EVERYTHING]]);
      await repository.closePullRequest(6);
    });
  }

  it("is read as ever where installed packages are committed, however large theirs are", async () => {
    const installed = { "services/web/node_modules/a/package.json": " ".repeat(2 ** 19) };
    const head = await repository.pushPullRequest(7, installed);
    await mirror.fetch([`+refs/pull/7/head:refs/perch/pull/7`], signal);
    const files = await mirror.packageFiles(head, signal);
    assert.deepEqual([...(files?.keys() ?? [])].sort(), Object.keys(WORKSPACE).sort());
  });

  it("is not asked at every look where git could not tell, and depends on everything until then", async () => {
    let asked = 0;
    const source = sourceOn({
      ...mirror,
      packageFiles: () => {
        asked += 1;
        return Promise.reject(new Error("no"));
      },
    });
    const { pullRequests } = await source.observe(signal);
    const once = asked;
    await source.observe(signal);
    assert.deepEqual([once > 0, asked], [true, once]);
    assert.deepEqual(pullRequests.find(({ number }) => number === 7)?.dependencies, [EVERYTHING]);
  });
});
