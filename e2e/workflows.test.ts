import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execa } from "execa";
import { readWorkflows, type Workflow } from "../packages/cli/test/workflows/read.ts";
import { fromDebian } from "./support/debian.ts";
import { PASSWORD, startRegistry, USER } from "./support/registry.ts";

// What workflows do between two commands of perch, in their own words: each script is taken from its file and run as a runner runs it.

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

let workflows: readonly Workflow[];
let work: string;

before(async () => {
  await fromDebian("jq");
  workflows = await readWorkflows();
  work = await mkdtemp(join(tmpdir(), "perch-workflows-"));
});
after(() => rm(work, { recursive: true, force: true }));

/** The script of a step: the only one of its job that has such a text. */
function scriptOf(file: string, job: string, text: string): string {
  const steps = workflows.find((one) => one.file === file)?.jobs[job]?.steps ?? [];
  const found = steps.flatMap(({ run }) => (run?.includes(text) ? [run] : []));
  assert.equal(found.length, 1, `${file} ${job} has one step with ${text}`);
  return found[0] ?? "";
}

interface Ran {
  readonly code: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly printed: string;
}

async function runStep(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const output = join(await mkdtemp(join(work, "runner-")), "output");
  await writeFile(output, "");
  // https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell: where none is said
  const { exitCode, all } = await execa("bash", ["-e", "-c", script], {
    cwd,
    env: { GITHUB_OUTPUT: output, ...env },
    all: true,
    reject: false,
  });
  const lines = (await readFile(output, "utf8")).split("\n").filter(Boolean);
  const outputs = Object.fromEntries(lines.map((line) => line.split("=", 2) as [string, string]));
  return { code: exitCode ?? -1, outputs, printed: String(all) };
}

describe("which images were built, in canary-image", () => {
  const cases = [
    { built: ["api", "store"], outputs: { built: "api,store", failed: "" } },
    { built: ["store"], outputs: { built: "store", failed: "api" } },
    { built: [], outputs: { built: "", failed: "api,store" } },
  ];
  for (const { built, outputs } of cases) {
    it(`of api and store: ${built.join(" and ") || "none"}`, async () => {
      const folder = await mkdtemp(join(work, "announce-"));
      if (built.length > 0) await mkdir(join(folder, "built"));
      for (const service of built) await writeFile(join(folder, "built", service), "image\n");
      const script = scriptOf("canary-image.yml", "announce", "failed=");
      const ran = await runStep(script, folder, { SERVICES: '["api","store"]' });
      assert.deepEqual([ran.code, ran.outputs], [0, outputs], ran.printed);
    });
  }
});

describe("the push of a fork's images, in canary-fork", () => {
  it("puts each archive under its name in the registry, and ends badly where one is missing", async () => {
    await fromDebian("skopeo");
    const registry = await startRegistry();
    try {
      const home = await homeFor(registry.host);
      await writeArchive(join(home, "images", "api.tar"));
      const image = (service: string) => ({
        service,
        image: `${registry.host}/acme/${service}:pr-7-0123456789ab`,
      });
      const script = scriptOf("canary-fork.yml", "push", "skopeo copy");
      const env = {
        HOME: home,
        RUNNER_TEMP: home,
        CONTAINERS_REGISTRIES_CONF: join(home, "registries.conf"),
      };
      const run = (...services: string[]) =>
        runStep(script, home, { ...env, MATRIX: JSON.stringify({ include: services.map(image) }) });
      const ran = await run("api");
      assert.deepEqual([ran.code, ran.outputs], [0, { services: "api" }], ran.printed);
      const digest = await registry.digest("acme/api", "pr-7-0123456789ab");
      assert.match(digest ?? "", /^sha256:/);
      assert.equal((await run("api")).code, 0);
      assert.equal(
        await registry.digest("acme/api", "pr-7-0123456789ab"),
        digest,
        "a re-run changes nothing",
      );
      const missing = await run("store", "api");
      assert.notEqual(missing.code, 0);
      assert.deepEqual(missing.outputs, {});
    } finally {
      await registry.close();
    }
  });
});

describe("what is promoted", () => {
  it("is a commit of the default branch, whoever dispatches it", async () => {
    const folder = await repositoryIn("merged");
    const git = gitIn(folder);
    const merged = await git("rev-parse", "HEAD");
    await git("update-ref", "refs/remotes/origin/main", merged);
    await git("commit", "--quiet", "--allow-empty", "--message", "Not merged");
    const script = scriptOf("promote.yml", "plan", "--is-ancestor");
    const run = (commit: string) => runStep(script, folder, { COMMIT: commit, BRANCH: "origin/main" });
    assert.deepEqual((await run(merged)).outputs, { commit: merged });
    for (const commit of [await git("rev-parse", "HEAD"), COMMIT, "--help", "$(touch pwned)"]) {
      const { code, outputs } = await run(commit);
      assert.deepEqual([code === 0, outputs], [false, {}], commit);
    }
  });

  it("has the image's own name with the commit as its tag, and main, also where the registry has a port", async () => {
    const script = scriptOf("promote.yml", "image", "image=%s");
    const env = { IMAGE: "registry.example:5000/acme/api:pr-7-fedcba987654", COMMIT };
    const { outputs } = await runStep(script, work, env);
    const name = "registry.example:5000/acme/api";
    assert.deepEqual(outputs, { image: `${name}:0123456789ab`, newest: `${name}:main` });
  });

  it("is proposed once: a re-run finds branch and pull request, and what is promoted already is no change", async () => {
    const origin = join(work, "environment.git");
    await execa("git", ["init", "--quiet", "--bare", "--initial-branch=main", origin]);
    const seed = await repositoryIn("seed");
    await gitIn(seed)("push", "--quiet", origin, "HEAD:refs/heads/main");
    const path = await fakeGh();
    const script = scriptOf("promote.yml", "promote", "gh pr create");
    const propose = async (name: string, text: string) => {
      const folder = join(work, name);
      await execa("git", ["clone", "--quiet", origin, folder]);
      await writeFile(join(folder, "overlay"), text);
      const env = { COMMIT, GH_LOG: join(work, "gh.log"), PATH: `${path}:${process.env.PATH}` };
      return runStep(script, folder, env);
    };
    for (const name of ["first", "second"]) {
      const { code, printed } = await propose(name, "0123456789ab\n");
      assert.equal(code, 0, printed);
    }
    assert.equal((await propose("third", "seed\n")).code, 0);
    const branches = await execa("git", ["branch", "--format=%(refname:short)"], { cwd: origin });
    assert.deepEqual(branches.stdout.split("\n"), ["main", "promote/0123456789ab"]);
    const created = (await readFile(join(work, "gh.log"), "utf8")).split("\n").filter(Boolean);
    assert.deepEqual(created, ["pr create --head promote/0123456789ab --title Promote 0123456789ab"]);
  });
});

/** A runner's home after docker/login-action, with a registry that has no TLS. */
async function homeFor(host: string): Promise<string> {
  const home = await mkdtemp(join(work, "home-"));
  await mkdir(join(home, ".docker"));
  await mkdir(join(home, "images"));
  const auth = Buffer.from(`${USER}:${PASSWORD}`).toString("base64");
  await writeFile(join(home, ".docker", "config.json"), JSON.stringify({ auths: { [host]: { auth } } }));
  await mkdir(join(home, ".config", "containers"), { recursive: true });
  const settings = join(home, ".config", "containers", "registries.conf");
  await writeFile(settings, `[[registry]]\nlocation = "${host}"\ninsecure = true\n`);
  return home;
}

/** An image of nothing, as the build job hands it on. */
async function writeArchive(file: string): Promise<void> {
  await fromDebian("buildah");
  const storage = await mkdtemp(join(work, "storage-"));
  const options = [
    "--root",
    join(storage, "root"),
    "--runroot",
    join(storage, "run"),
    "--storage-driver=vfs",
  ];
  const { stdout } = await execa("buildah", [...options, "from", "scratch"]);
  await execa("buildah", [...options, "commit", "--quiet", stdout.trim(), `oci-archive:${file}`]);
}

async function repositoryIn(name: string): Promise<string> {
  const folder = join(work, name);
  await mkdir(folder);
  const git = gitIn(folder);
  await git("init", "--quiet", "--initial-branch=main");
  await writeFile(join(folder, "overlay"), "seed\n");
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "Seed");
  return folder;
}

function gitIn(folder: string) {
  const who = ["-c", "user.name=test", "-c", "user.email=test@perch.invalid"];
  return async (...args: string[]) => (await execa("git", [...who, ...args], { cwd: folder })).stdout;
}

/** GitHub's own command, as far as the script calls it: it knows the pull requests that it has made. Returns its folder. */
async function fakeGh(): Promise<string> {
  const folder = await mkdtemp(join(work, "bin-"));
  const program = join(folder, "gh");
  const lines = [
    "#!/bin/sh",
    'case "$1 $2" in',
    '"pr view") grep -qs -- "--head $3 " "$GH_LOG" ;;',
    `"pr create") echo "$\{*%% --body*}" >> "$GH_LOG" ;;`,
    "*) exit 64 ;;",
    "esac",
  ];
  await writeFile(program, `${lines.join("\n")}\n`);
  await chmod(program, 0o755);
  return folder;
}
