import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { perchWith, type Run } from "./support.ts";

const CONFIG = `
apiVersion: perch.dev/v1
project: test
services:
  web:
    repo: acme/test
    path: web
    protocol: http
    edge: /
    local: { start: exec node server.js, ready: / }
`;
const SERVER = `require("node:http").createServer((_, response) => response.end("hello"))
  .listen(Number(process.env.PORT), process.env.HOST);`;
const WHO = {
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@perch.invalid",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@perch.invalid",
};

describe("perch residue on this machine", () => {
  let folder: string;
  const git = (cwd: string, ...args: string[]) =>
    execFileSync("git", args, { cwd, env: { ...process.env, ...WHO } });
  const perch = (...args: string[]): Promise<Run> => perchWith({}, folder, ...args);
  const state = (...path: string[]) => join(folder, ".perch", ...path);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-residue-"));
    await mkdir(join(folder, "web"));
    await writeFile(join(folder, "perch.yaml"), CONFIG);
    await writeFile(join(folder, "web", "server.js"), SERVER);
    git(folder, "init", "--quiet", "--initial-branch=main");
    git(folder, "add", "--all");
    git(folder, "commit", "--quiet", "--message", "first");
    git(folder, "remote", "add", "origin", folder);
    const up = await perch("up", "--detach", "--edge-port", "0", "--status-port", "0");
    assert.equal(up.code, 0, up.stdout + up.stderr);
  });
  after(async () => {
    await perch("down");
    await rm(folder, { recursive: true, force: true });
  });

  it("finds nothing while the engine has a reason for all that is there", async () => {
    assert.deepEqual(await perch("residue"), { code: 0, stdout: "Nothing is left.\n", stderr: "" });
  });

  it("names what has none, with exit code 1: an instance's folder, refs of a closed pull request, half a file", async () => {
    await mkdir(state("instances", "web-canary-pr-9-abc-1"));
    await writeFile(state("engine.json.takeover"), "{");
    for (const ref of ["refs/perch/pull/9", "refs/perch/vouched/9/1"])
      git(state("git", "acme--test.git"), "update-ref", ref, "refs/perch/stable");
    const { code, stdout } = await perch("residue");
    assert.equal(code, 1);
    assert.deepEqual(stdout.trim().split("\n"), [
      "instance instances/web-canary-pr-9-abc-1: no canary and no stable needs it",
      "ref git/acme--test.git refs/perch/pull/9: no open pull request needs it",
      "ref git/acme--test.git refs/perch/vouched/9/1: no open pull request needs it",
      "file engine.json.takeover: it was not written to its end",
    ]);
  });

  it("names what no engine is there for, and what the next start removes", async () => {
    assert.equal((await perch("down")).code, 0);
    const left = await perch("residue", "--json");
    assert.equal(left.code, 1);
    const { residue } = JSON.parse(left.stdout) as { residue: { kind: string; name: string }[] };
    assert.deepEqual(
      residue.map(({ kind, name }) => [kind, name]),
      [
        ["instance", "instances/web-canary-pr-9-abc-1"],
        ["file", "engine.json.takeover"],
      ],
    );
    assert.equal((await perch("up", "--detach", "--edge-port", "0", "--status-port", "0")).code, 0);
    assert.deepEqual(await perch("residue"), { code: 0, stdout: "Nothing is left.\n", stderr: "" });
  });
});
