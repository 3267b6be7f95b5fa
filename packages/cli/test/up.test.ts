import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

const PERCH = join(import.meta.dirname, "..", "bin", "perch.js");

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

/** `perch up` in somebody's own repository, whose `origin` is itself. */
describe("perch up in a repository of one's own", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "perch-up-"));
    await mkdir(join(folder, "web"));
    await writeFile(join(folder, "perch.yaml"), CONFIG);
    await writeFile(join(folder, "web", "server.js"), SERVER);
    await writeFile(join(folder, ".gitignore"), ".perch\n");
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: folder, env: { ...process.env, ...WHO } });
    git("init", "--quiet", "--initial-branch=main");
    git("add", "--all");
    git("commit", "--quiet", "--message", "first");
    git("remote", "add", "origin", folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  function perch(...args: string[]) {
    const child = spawn(process.execPath, [PERCH, ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text) => {
      stdout += String(text);
    });
    child.stderr.on("data", (text) => {
      stderr += String(text);
    });
    const ended = once(child, "close").then(([code]) => ({ code: code as number, stdout, stderr }));
    const saying = async (what: RegExp) => {
      while (!what.test(stdout)) await once(child.stdout, "data");
    };
    return { child, ended, saying };
  }
  const up = (...args: string[]) => perch("up", "--edge-port", "0", "--status-port", "0", ...args);
  const instances = () => readdir(join(folder, ".perch", "instances"));

  it("ends all that it started when its reader goes away, as in `perch up | head`", async () => {
    const { child, ended, saying } = up();
    await saying(/web: ready/);
    child.stdout.destroy();
    // What it would say next finds no reader.
    await writeFile(join(folder, "web", "more.txt"), "more");
    execFileSync("git", ["add", "--all"], { cwd: folder });
    execFileSync("git", ["commit", "--quiet", "--message", "second"], {
      cwd: folder,
      env: { ...process.env, ...WHO },
    });
    await ended;
    assert.deepEqual(await instances(), []);
  });

  it("tells that perch.yaml was changed since it was read", async () => {
    const { child, ended, saying } = up();
    await saying(/web: ready/);
    await writeFile(join(folder, "perch.yaml"), `${CONFIG}# a note\n`);
    await saying(/perch\.yaml was changed after the engine read it/);
    await writeFile(join(folder, "perch.yaml"), CONFIG);
    child.kill("SIGINT");
    assert.equal((await ended).code, 0);
  });

  it("ends cleanly on Ctrl-C in the middle of its start", async () => {
    const { child, ended, saying } = up();
    await saying(/web: /);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /Stopped: nothing of it runs any more/);
    assert.deepEqual(await instances(), []);
  });

  it("started twice in the background at the same moment is one engine, which both wait for", async () => {
    const runs = await Promise.all([up("--detach").ended, up("--detach").ended]);
    for (const { code, stdout, stderr } of runs) {
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, /web +stable +ready/);
    }
    const again = await up("--detach").ended;
    assert.deepEqual([again.code, /runs already/.test(again.stdout)], [0, true]);
  });

  it("in the background does not wait for a remote that is not there, and ends with 1", async () => {
    await perch("down").ended;
    const state = ["--state-dir", join(folder, ".perch-other")];
    const { code, stdout } = await up("--detach", "--remote", join(folder, "nowhere"), ...state).ended;
    assert.equal((await perch("down", ...state).ended).code, 0);
    assert.equal(code, 1, stdout);
    assert.match(stdout, /The repository .*nowhere cannot be read/);
    await rm(join(folder, ".perch-other"), { recursive: true });
    assert.equal((await up("--detach").ended).code, 0);
  });

  it("tells followers that it ended, without a stack trace", async () => {
    const watch = perch("status", "--watch");
    const follow = perch("logs", "web", "--follow");
    await Promise.all([watch.saying(/ready/), follow.saying(/\[perch\] start/)]);
    assert.equal((await perch("down").ended).code, 0);
    for (const { ended } of [watch, follow]) {
      const { code, stderr } = await ended;
      assert.ok(code === 0 || code === 3, stderr);
      assert.doesNotMatch(stderr, /INTERNAL|at async/);
    }
  });
});

const WHO = {
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@perch.invalid",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@perch.invalid",
};
