import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { githubApiUrl } from "@perch/core";
import { execa } from "execa";
import { githubAccess } from "../../src/github/access.ts";
import { gitAuthorization, githubRemote } from "../../src/github/host.ts";
import { openGithubSources } from "../../src/pull-requests/github/index.ts";
import { REPO, startTestGithub, startWitness, type TestGithub } from "../support/github.ts";
import { behaviour } from "../support/repository.ts";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

describe("a GitHub App", () => {
  let github: TestGithub;
  before(async () => {
    github = await startTestGithub();
  });
  after(() => github.close());

  it("is found where it is installed, and its installation's token is what the API and git see", async () => {
    const folder = await mkdtemp(join(tmpdir(), "perch-app-"));
    await github.control.installations({ [REPO]: 42 });
    await github.open(behaviour({ says: "one" }));
    const identity = { appId: 7, privateKey };
    const open = openGithubSources({ host: github.url, identity, timeout: 10_000, remotes: new Map() });
    const { source } = await open(REPO, join(folder, "mirror.git"));
    const { pullRequests } = await source.observe(new AbortController().signal);
    assert.equal(pullRequests.length, 1);
    const lists = (await github.control.requests()).filter(({ target }) => target.includes("/pulls?"));
    assert.deepEqual(
      lists.map(({ authorization }) => authorization),
      ["token ghs_42_1"],
    );
    const basic = `Basic ${Buffer.from("x-access-token:ghs_42_1").toString("base64")}`;
    assert.deepEqual([...new Set(github.gitAuthorizations)], [basic]);
    await rm(folder, { recursive: true });
  });

  it("that is not installed is looked for again, and found once it is", async () => {
    await github.control.installations({});
    const access = githubAccess(github.url, { appId: 7, privateKey }, 10_000);
    await assert.rejects(access.of(REPO), { status: 404 });
    await github.control.installations({ [REPO]: 43 });
    assert.match(await (await access.of(REPO)).token(), /^ghs_43_/);
    await github.control.installations({ [REPO]: 44 });
    assert.match(await (await access.of(REPO)).token(), /^ghs_43_/, "not asked again without a reason");
    access.forget(REPO);
    assert.match(await (await access.of(REPO)).token(), /^ghs_44_/);
  });
});

describe("a GitHub host", () => {
  it("has its API where GitHub, GitHub Enterprise Cloud and GitHub Enterprise Server have it", () => {
    assert.equal(githubApiUrl("https://github.com"), "https://api.github.com");
    assert.equal(githubApiUrl("https://acme.ghe.com"), "https://api.acme.ghe.com");
    assert.equal(githubApiUrl("https://git.example.com:8443"), "https://git.example.com:8443/api/v3");
    assert.equal(
      githubRemote("https://git.example.com", "acme/shop"),
      "https://git.example.com/acme/shop.git",
    );
  });

  it("is the only one that git shows the token to, also where it sends git elsewhere", async () => {
    const own = await startWitness();
    const other = await startWitness();
    const env = gitAuthorization(own.url, "secret");
    const lsRemote = (url: string) => execa("git", ["ls-remote", `${url}/a/b.git`], { env, reject: false });
    await lsRemote(own.url);
    await lsRemote(other.url);
    assert.match(own.seen[0] ?? "", /^Basic /);
    assert.deepEqual([...new Set(other.seen)], [""]);
    own.redirectTo(other.url);
    await lsRemote(own.url);
    assert.deepEqual([...new Set(other.seen)], [""]);
    await Promise.all([own.close(), other.close()]);
  });
});
