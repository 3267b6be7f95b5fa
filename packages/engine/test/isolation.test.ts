import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { access, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findSandbox, type Sandbox } from "../src/processes/sandbox.ts";
import { find, startTestEngine, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";

/** Writes its environment, and where it could write, into its own folder. */
const BUILD = `
env > environment
for place in "$OUTSIDE" "$STATE" ../../../../../git ../../..; do
  touch "$place/written-by-pr" 2>/dev/null && echo "$place" >> written
done
touch "$HOME/mine" "$TMPDIR/mine" && echo own >> written
ulimit -c > limits; ulimit -n >> limits
ln -sf "$OUTSIDE/kept" "$HOME/.npmrc"
setting=/proc/sys/vm/swappiness; { cat $setting > mine && cat mine > $setting; } 2>/dev/null && echo $setting >> written
exit 0
`;

/** What it sees and reaches beside itself: environments, devices, processes. */
const REACHES = `
cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -E '^(PERCH_OWNER|GITHUB_TOKEN)=' | sort -u > environments
find /dev -type b -o -type c | sort > devices
( : < "$OUTSIDE/device" ) 2>/dev/null && echo "$OUTSIDE/device" >> devices
for pid in $BYSTANDERS; do
  kill -0 $pid 2>/dev/null && echo $pid >> reached
  cat /proc/$pid/environ > /dev/null 2>&1 && echo environ $pid >> reached
done
if [ "$HELD" = true ]; then kill -9 $BYSTANDERS; fi 2>/dev/null
echo done >> reached
`;

const SECRETS: Readonly<Record<string, string>> = {
  GITHUB_TOKEN: "secret",
  GH_TOKEN: "secret",
  PERCH_GITHUB_TOKEN: "secret",
  PERCH_WEBHOOK_SECRET: "secret",
  AWS_ACCESS_KEY_ID: "secret",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_SESSION_TOKEN: "secret",
  NPM_TOKEN: "secret",
  SSH_AUTH_SOCK: "/secret",
  ...withPassword("http://somebody:secret@proxy.example.com:3128/", [
    "HTTP_PROXY",
    "https_proxy",
    "Http_Proxy",
  ]),
  ...withPassword("https://secret@npm.example.com/path/", ["npm_config_registry", "NPM_CONFIG_REGISTRY"]),
  // What curl takes for a proxy, and URLs are not.
  ...withPassword("somebody:secret@proxy.example.com:3128", ["HTTPS_PROXY"]),
  ...withPassword("http://somebody:1/secret@proxy.example.com:3128", ["http_proxy"]),
};

function withPassword(url: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, url]));
}

describe("a pull request's processes", () => {
  let repository: TestRepository;
  let test: TestEngine;
  let outside: string;
  let home: string;
  let folder: string;
  const file = (name: string) => readFile(join(folder, "worktree", "services", "web", name), "utf8");

  before(async () => {
    outside = await realpath(await mkdtemp(join(tmpdir(), "perch-outside-")));
    home = await mkdtemp(join(tmpdir(), "perch-home-"));
    await writeFile(
      join(home, ".npmrc"),
      "registry=https://npm.example.com/\n//npm.example.com/:_authToken=secret\n@a:registry=https://u:secret@b/\n" +
        "proxy=u:secret@proxy.example.com:3128\nhttps-proxy=http://u:1/secret@proxy.example.com\nnoproxy=example.com\n",
    );
    await writeFile(join(outside, "kept"), "kept");
    repository = await makeRepository({ "services/web/build.sh": "exit 0\n" });
    const commands = "install: 'env > installed', build: 'sh ./build.sh'";
    const yaml = WEB_CONFIG.replace(
      "local: {",
      `local: { env: { OUTSIDE: "${outside}", STATE: "${outside}" }, ${commands},`,
    );
    const env = { ...process.env, ...SECRETS, NO_PROXY: "example.org", HOME: home };
    test = await startTestEngine(repository, { env }, yaml);
    await repository.pushPullRequest(1, { ...behaviour({ says: "one" }), "services/web/build.sh": BUILD });
    await test.untilState("web-canary-pr-1", "ready");
    const instances = join(test.stateDir, "instances");
    const [id = ""] = (await readdir(instances)).filter((name) => name.includes("-pr-1-"));
    folder = await realpath(join(instances, id));
  });
  after(async () => {
    await test.close();
    await repository.remove();
    for (const path of [outside, home]) await rm(path, { recursive: true, force: true });
  });

  it("see no token, key or secret of the engine's, in builds and in canaries", async () => {
    assert.doesNotMatch(await file("environment"), /secret/);
    const { env = [] } = (await test.get("/", { "x-canary": "1" })).json;
    for (const name of Object.keys(SECRETS)) assert.equal(env.includes(name), false, name);
  });

  it("see in installs which proxy and registry there are, and no password of theirs", async () => {
    const seen = await file("installed");
    assert.doesNotMatch(seen, /secret|somebody/);
    for (const name of ["HTTP_PROXY", "https_proxy", "Http_Proxy"])
      assert.match(seen, new RegExp(`^${name}=http://proxy\\.example\\.com:3128/$`, "m"), name);
    for (const name of ["npm_config_registry", "NPM_CONFIG_REGISTRY"])
      assert.match(seen, new RegExp(`^${name}=https://npm\\.example\\.com/path/$`, "m"), name);
    assert.match(seen, /^NO_PROXY=example\.org$/m);
    assert.doesNotMatch(seen, /^(?:HTTPS_PROXY|http_proxy)=/m);
  });

  it("have a home and a temporary folder of their own, which go with them", async () => {
    const environment = await file("environment");
    assert.match(environment, new RegExp(`^HOME=${folder}/home$`, "m"));
    assert.match(environment, new RegExp(`^TMPDIR=${folder}/tmp$`, "m"));
    assert.match(await file("written"), /^own$/m);
  });

  it("know where packages come from, and no credentials for it", async () => {
    assert.equal(
      await readFile(join(folder, "home", ".npmrc"), "utf8"),
      "registry=https://npm.example.com/\nnoproxy=example.com\n",
    );
  });

  it("have nothing written for them through a link that one of them put in their home", async () => {
    assert.equal(await readFile(join(outside, "kept"), "utf8"), "kept");
  });

  it("leave no core dumps, and open so many files at most", async () => {
    const [core, files] = (await file("limits")).trim().split("\n");
    assert.equal(core, "0");
    assert.ok(Number(files) <= 16_384);
  });

  it("write to no other folder where the system can hold that, and the engine knows whether it can", async () => {
    const { holdsWrites } = await findSandbox();
    const written = (await file("written")).trim().split("\n");
    assert.equal(written.includes(outside), !holdsWrites);
    const isThere = await access(join(outside, "written-by-pr")).then(
      () => true,
      () => false,
    );
    assert.equal(isThere, !holdsWrites);
  });

  it("change no setting of the machine, also as root, where the system can hold that", async (t) => {
    if (!(await findSandbox()).holdsWrites) return t.skip("this system cannot");
    assert.doesNotMatch(await file("written"), /swappiness/);
  });

  it("do not write beside their folders, where the engine has its log and what the next engine believes", async () => {
    const { holdsWrites } = await findSandbox();
    assert.equal((await file("written")).includes("../../..\n"), !holdsWrites);
  });

  it("do not write to the mirror, whose commits the next instances are made from", async () => {
    const { holdsWrites } = await findSandbox();
    assert.equal((await file("written")).includes("../../../../../git\n"), !holdsWrites);
    const inMirrors = await readdir(join(test.stateDir, "git"));
    assert.equal(inMirrors.includes("written-by-pr"), !holdsWrites);
    assert.ok(inMirrors.includes("acme--test.git"), "it is where they tried");
  });

  it("are served all the same", async () => {
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "one");
  });

  it("leave stable's installs the addresses as they are: its code is the team's", async () => {
    const instances = join(test.stateDir, "instances");
    const [id = ""] = (await readdir(instances)).filter((name) => !name.includes("-pr-"));
    const seen = await readFile(join(instances, id, "worktree", "services", "web", "installed"), "utf8");
    for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "npm_config_registry"])
      assert.ok(seen.split("\n").includes(`${name}=${SECRETS[name]}`), name);
  });

  describe("beside others", () => {
    let sandbox: Sandbox;
    let bystander: ChildProcess;
    const read = async (name: string) => (await readFile(join(reaching, name), "utf8")).trim().split("\n");
    let reaching: string;
    let pids: (number | undefined)[];

    before(async () => {
      sandbox = await findSandbox();
      bystander = spawn("sleep", ["1000"], { env: { ...process.env, GITHUB_TOKEN: "secret" } });
      if (process.getuid?.() === 0) execFileSync("mknod", [join(outside, "device"), "c", "1", "3"]);
      const others = [
        await test.untilState("web", "ready"),
        await test.untilState("web-canary-pr-1", "ready"),
      ];
      pids = [process.pid, bystander.pid, ...others.map(({ pid }) => pid)];
      const build = `HELD=${sandbox.holdsProcesses}; BYSTANDERS="${pids.join(" ")}"\n${REACHES}`;
      await repository.pushPullRequest(2, { ...behaviour({ says: "two" }), "services/web/build.sh": build });
      await test.untilState("web-canary-pr-2", "ready");
      const instances = join(test.stateDir, "instances");
      const [id = ""] = (await readdir(instances)).filter((name) => name.includes("-pr-2-"));
      reaching = join(instances, id, "worktree", "services", "web");
    });
    after(() => void bystander.kill());

    const CANNOT = "this system cannot hold that";

    it("see no environment but their own: none of the engine, of stable or of another canary", async (t) => {
      if (!sandbox.holdsProcesses) return t.skip(CANNOT);
      const seen = await read("environments");
      assert.equal(seen.length, 1, seen.join());
      assert.match(seen[0] ?? "", /^PERCH_OWNER=.*-pr-2-/);
    });

    it("reach no process of others, and end none: not the engine, not stable, not another canary", async (t) => {
      if (!sandbox.holdsProcesses) return t.skip(CANNOT);
      assert.deepEqual(await read("reached"), ["done"]);
      const status = test.engine.status();
      const now = ["web", "web-canary-pr-1"].map((name) => find(status, name)?.pid);
      assert.deepEqual([process.pid, bystander.pid, ...now], pids);
      for (const pid of pids) assert.equal(process.kill(pid ?? 0, 0), true);
      assert.equal((await test.get("/")).json.says, "stable");
    });

    it("open no device but those that hold nothing", async (t) => {
      if (!sandbox.holdsWrites) return t.skip(CANNOT);
      const harmless = ["full", "null", "ptmx", "random", "tty", "urandom", "zero"];
      const names = (await read("devices")).map((path) => path.replace(/^\/dev\/(pts\/)?/, ""));
      assert.deepEqual(
        names.filter((name) => !harmless.includes(name)),
        [],
      );
    });
  });
});
