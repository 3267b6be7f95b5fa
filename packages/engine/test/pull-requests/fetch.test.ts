import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { RepositoryObservation } from "@perch/core";
import { git } from "../../src/pull-requests/git/git.ts";
import { gitSource, type Mirror, openMirror, startFetcher } from "../../src/pull-requests/git/index.ts";
import { behaviour, makeRepository, type TestRepository } from "../support/repository.ts";

const { signal } = new AbortController();
const says = (what: string) => behaviour({ says: what });

describe("what is new of a remote", () => {
  let repository: TestRepository;
  let folder: string;
  let real: Mirror;
  /** Refs of each fetch, and how long it might take. */
  let fetched: { readonly refs: string; readonly timeout: number | undefined }[];
  let beforeFetch: (refs: string) => Promise<unknown>;
  let mirror: Mirror;

  beforeEach(async () => {
    repository = await makeRepository();
    folder = await mkdtemp(join(tmpdir(), "perch-fetch-"));
    real = await openMirror(join(folder, "mirror.git"), repository.remote);
    fetched = [];
    beforeFetch = async () => undefined;
    mirror = {
      ...real,
      fetch: async (refspecs, signal, timeout) => {
        const refs = refspecs.map((refspec) => refspec.slice(1, refspec.indexOf(":"))).join(" ");
        fetched.push({ refs, timeout });
        await beforeFetch(refs);
        await real.fetch(refspecs, signal, timeout);
      },
    };
  });
  afterEach(async () => {
    await repository.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const refs = () => fetched.splice(0).map((one) => one.refs);
  const failOn = (ref: string, failure: () => Promise<unknown>) => async (refs: string) =>
    refs.includes(ref) ? failure() : undefined;
  const broken = async () => {
    throw new Error("fatal: a bad object");
  };
  const heads = (observation: RepositoryObservation) =>
    observation.pullRequests.map(({ number, head }) => [number, head]);

  it("is fetched by itself where it is the default branch, and may take long the first time", async () => {
    await repository.pushPullRequest(1, says("one"));
    await gitSource("acme/test", repository.remote, mirror).observe(signal);
    const [stable, ...others] = fetched;
    assert.equal(stable?.refs, "HEAD");
    assert.ok((stable?.timeout ?? 0) >= 600_000, `${stable?.timeout} ms are few for a large repository`);
    assert.deepEqual(
      others.map((one) => one.refs),
      ["refs/pull/1/head"],
    );
  });

  it("holds up nothing else where it is a pull request that fails: that one stays as it was and is told", async () => {
    const source = gitSource("acme/test", repository.remote, mirror);
    const one = await repository.pushPullRequest(1, says("one"));
    const two = await repository.pushPullRequest(2, says("two"));
    await source.observe(signal);
    beforeFetch = failOn("refs/pull/2/", broken);
    const twoAgain = await repository.pushPullRequest(2, says("two again"));
    const three = await repository.pushPullRequest(3, says("three"));
    const main = await repository.commitToMain({ "README.md": "main moved on" });
    const observation = await source.observe(signal);
    assert.equal(observation.stableHead, main);
    assert.deepEqual(heads(observation), [
      [1, one],
      [2, two],
      [3, three],
    ]);
    assert.match(source.problem?.()?.message ?? "", /pull request 2 cannot be fetched: fatal: a bad object/);
    fetched = [];
    const four = await repository.pushPullRequest(4, says("four"));
    assert.deepEqual(heads(await source.observe(signal)).at(-1), [4, four]);
    assert.deepEqual(
      refs(),
      ["refs/pull/4/head", "refs/pull/2/head"],
      "others are not fetched with it again",
    );
    beforeFetch = async () => undefined;
    assert.deepEqual(heads(await source.observe(signal))[1], [2, twoAgain]);
    assert.equal(source.problem?.(), undefined);
  });

  it("stays as an earlier engine saw it where it is a pull request that fails", async () => {
    await repository.pushPullRequest(1, says("one"));
    const known = await gitSource("acme/test", repository.remote, mirror).observe(signal);
    await repository.pushPullRequest(1, says("one again"));
    beforeFetch = failOn("refs/pull/1/", broken);
    const next = gitSource("acme/test", repository.remote, mirror);
    assert.deepEqual((await next.observe(signal, known)).pullRequests, known.pullRequests);
  });

  it("is fetched again only after a while where it is a pull request that takes too long", async (t) => {
    const times = { stable: 60_000, pullRequests: 60_000, alone: 60_000, again: 600_000 };
    const now = performance.now.bind(performance);
    let shift = 0;
    t.mock.method(performance, "now", () => now() + shift);
    const fetcher = startFetcher(repository.remote, mirror, times);
    const defaultHead = await repository.commitToMain({});
    const pullRequests = new Map([
      [1, await repository.pushPullRequest(1, says("one"))],
      [2, await repository.pushPullRequest(2, says("two"))],
    ]);
    beforeFetch = failOn("refs/pull/1/", () =>
      git(["-c", "alias.slow=!sleep 100", "slow"], { cwd: folder, timeout: 50 }),
    );
    const look = async () =>
      (await fetcher.fetch({ defaultHead, pullRequests }, undefined, signal)).pullRequests;
    assert.deepEqual([...(await look()).keys()], [2]);
    assert.match(
      fetcher.problem()?.message ?? "",
      /pull request 1 cannot be fetched: git did not end within/,
    );
    fetched = [];
    await look();
    assert.deepEqual(refs(), []);
    assert.ok(fetcher.problem() !== undefined, "it is still told");
    beforeFetch = async () => undefined;
    shift = times.again;
    assert.deepEqual([...(await look()).keys()].sort(), [1, 2]);
    assert.equal(fetcher.problem(), undefined);
  });

  it("waits for pull requests that are fetched by themselves for so long only", async () => {
    const times = { stable: 60_000, pullRequests: 60_000, alone: 0, again: 0 };
    const fetcher = startFetcher(repository.remote, mirror, times);
    const defaultHead = await repository.commitToMain({});
    const pullRequests = new Map([[1, await repository.pushPullRequest(1, says("one"))]]);
    beforeFetch = failOn("refs/pull/1/", broken);
    await fetcher.fetch({ defaultHead, pullRequests }, undefined, signal);
    assert.deepEqual(refs(), ["HEAD", "refs/pull/1/head"]);
  });

  it("may be pushed over between the list and the fetch: the others are seen, and it at the next look", async () => {
    const source = gitSource("acme/test", repository.remote, mirror);
    const one = await repository.pushPullRequest(1, says("one"));
    await source.observe(signal);
    await repository.pushPullRequest(1, says("one again"));
    await repository.pushPullRequest(2, says("two"));
    const three = await repository.pushPullRequest(3, says("three"));
    let over: string[] = [];
    beforeFetch = async () => {
      if (over.length > 0) return;
      over = [
        await repository.pushPullRequest(1, says("one over")),
        await repository.pushPullRequest(2, says("two over")),
      ];
    };
    assert.deepEqual(heads(await source.observe(signal)), [
      [1, one],
      [3, three],
    ]);
    assert.equal(source.problem?.(), undefined);
    assert.deepEqual(heads(await source.observe(signal)), [
      [1, over[0]],
      [2, over[1]],
      [3, three],
    ]);
  });

  it("is kept by a ref of each pull request, also where several have the same head", async () => {
    const source = gitSource("acme/test", repository.remote, mirror);
    const head = await repository.pushPullRequest(1, says("one"));
    await source.observe(signal);
    const other = await repository.pushPullRequest(2, says("two"));
    await repository.forcePush(3, head);
    await source.observe(signal);
    await repository.forcePush(2, head);
    await source.observe(signal);
    await repository.closePullRequest(1);
    await source.observe(signal);
    assert.notEqual(other, head);
    assert.deepEqual(
      await real.refs("refs/perch/pull"),
      new Map([2, 3].map((number) => [`${number}`, head])),
    );
  });

  it("is told no more where the pull request that failed was closed, or its head moved back", async () => {
    const source = gitSource("acme/test", repository.remote, mirror);
    const one = await repository.pushPullRequest(1, says("one"));
    await source.observe(signal);
    beforeFetch = broken;
    for (const mend of [() => repository.closePullRequest(2), () => repository.forcePush(1, one)]) {
      await repository.pushPullRequest(1, says("one again"));
      await repository.pushPullRequest(2, says("two"));
      await source.observe(signal);
      assert.match(source.problem?.()?.message ?? "", /pull request 1, 2 cannot be fetched/);
      await mend();
      await source.observe(signal);
    }
    await repository.closePullRequest(2);
    assert.deepEqual(heads(await source.observe(signal)), [[1, one]]);
    assert.equal(source.problem?.(), undefined);
  });

  it("is there, and nothing is told, where a fetch brought it and failed afterwards, as on a full disk", async () => {
    const source = gitSource("acme/test", repository.remote, mirror);
    const one = await repository.pushPullRequest(1, says("one"));
    beforeFetch = failOn("refs/pull/1/", async () => {
      await real.fetch(["+refs/pull/1/head:refs/perch/pull/1"], signal);
      await broken();
    });
    assert.deepEqual(heads(await source.observe(signal)), [[1, one]]);
    assert.equal(source.problem?.(), undefined);
    const two = await repository.pushPullRequest(2, says("two"));
    beforeFetch = failOn("refs/pull/2/", async () => {
      // All of its objects, and no room for its ref.
      await real.fetch(["+refs/pull/2/head:refs/elsewhere"], signal);
      await broken();
    });
    assert.deepEqual(heads(await source.observe(signal)), [[1, one]]);
    assert.match(source.problem?.()?.message ?? "", /pull request 2 cannot be fetched/);
    assert.deepEqual(heads(await source.observe(signal)), [
      [1, one],
      [2, two],
    ]);
    assert.equal(source.problem?.(), undefined);
  });

  it("does not hold up others where a pull request that took too long is pushed to again", async () => {
    const times = { stable: 60_000, pullRequests: 60_000, alone: 60_000, again: 600_000 };
    const fetcher = startFetcher(repository.remote, mirror, times);
    const defaultHead = await repository.commitToMain({});
    const pullRequests = new Map([[1, await repository.pushPullRequest(1, says("one"))]]);
    beforeFetch = failOn("refs/pull/1/", () =>
      git(["-c", "alias.slow=!sleep 100", "slow"], { cwd: folder, timeout: 50 }),
    );
    const look = () => fetcher.fetch({ defaultHead, pullRequests }, undefined, signal);
    await look();
    fetched = [];
    pullRequests.set(1, await repository.pushPullRequest(1, says("one again")));
    pullRequests.set(2, await repository.pushPullRequest(2, says("two")));
    assert.deepEqual([...(await look()).pullRequests.keys()], [2]);
    assert.deepEqual(refs(), ["refs/pull/2/head", "refs/pull/1/head"]);
  });

  it("is not read on when the engine ends", async () => {
    for (const number of [1, 2, 3]) await repository.pushPullRequest(number, says(`${number}`));
    const ending = new AbortController();
    let diffs = 0;
    const source = gitSource("acme/test", repository.remote, {
      ...mirror,
      changedPaths: async (...given) => {
        diffs += 1;
        const paths = await real.changedPaths(...given);
        ending.abort();
        return paths;
      },
    });
    await assert.rejects(source.observe(ending.signal));
    assert.equal(diffs, 1);
  });
});
