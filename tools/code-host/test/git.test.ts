import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execa } from "execa";
import { repositoriesIn } from "../src/git/repositories.ts";
import { type GitServer, startGitServer } from "../src/git/smart-http.ts";

let folder = "";
let server: GitServer;
let url = "";

const git = async (...args: string[]) => {
  const identity = ["-c", "user.name=Author", "-c", "user.email=author@perch.invalid"];
  const env = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_TERMINAL_PROMPT: "0" };
  return (await execa("git", [...identity, ...args], { cwd: folder, env })).stdout;
};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "perch-git-"));
  await repositoriesIn(join(folder, "bare")).ensure("acme/shop");
  server = await startGitServer({ host: "127.0.0.1", port: 0, repositories: join(folder, "bare") });
  url = `${server.url}/acme/shop.git`;
  await git("init", "--quiet", "--initial-branch=main", "work");
  await writeFile(join(folder, "work", "file"), "x".repeat(3_000_000));
  await git("-C", "work", "add", ".");
  await git("-C", "work", "commit", "--quiet", "--message=one");
  await git("-C", "work", "push", "--quiet", url, "main");
});
after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

describe("git over HTTP", () => {
  it("takes a push and gives it to a clone", async () => {
    await git("clone", "--quiet", url, "copy");
    assert.equal(await git("-C", "copy", "rev-parse", "HEAD"), await git("-C", "work", "rev-parse", "HEAD"));
  });

  it("serves a pull request's head that no branch has", async () => {
    await git("-C", "work", "commit", "--quiet", "--allow-empty", "--message=two");
    const head = await git("-C", "work", "rev-parse", "HEAD");
    await git("-C", "work", "push", "--quiet", url, "HEAD:refs/heads/change");
    await repositoriesIn(join(folder, "bare")).setPullRequestHead("acme/shop", 7, head);
    await git("-C", "work", "push", "--quiet", url, ":refs/heads/change");
    assert.equal(await git("ls-remote", url, "refs/pull/7/head"), `${head}\trefs/pull/7/head`);
  });

  it("answers 404 for a repository that does not exist", async () => {
    const response = await fetch(`${server.url}/acme/none.git/info/refs?service=git-upload-pack`);
    assert.equal(response.status, 404);
  });

  it("refuses a repository's name that leads out of the folder", async () => {
    await assert.rejects(repositoriesIn(folder).ensure("../other"), /named owner\/name/);
  });
});
