import assert from "node:assert/strict";
import { access, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findSandbox } from "../src/processes/sandbox.ts";
import { startTestEngine, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";

/** Writes its environment, and where it could write, into its own folder. */
const BUILD = `
env > environment
for place in "$OUTSIDE" "$STATE" ../../../../../git; do
  touch "$place/written-by-pr" 2>/dev/null && echo "$place" >> written
done
touch "$HOME/mine" "$TMPDIR/mine" && echo own >> written
ulimit -c > limits; ulimit -n >> limits
exit 0
`;

const SECRETS = {
  GITHUB_TOKEN: "secret",
  GH_TOKEN: "secret",
  PERCH_GITHUB_TOKEN: "secret",
  PERCH_WEBHOOK_SECRET: "secret",
  AWS_ACCESS_KEY_ID: "secret",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_SESSION_TOKEN: "secret",
  NPM_TOKEN: "secret",
  SSH_AUTH_SOCK: "/secret",
};

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
      "registry=https://npm.example.com/\n//npm.example.com/:_authToken=secret\n@a:registry=https://u:secret@b/\n",
    );
    repository = await makeRepository({ "services/web/build.sh": "exit 0\n" });
    const yaml = WEB_CONFIG.replace(
      "local: {",
      `local: { env: { OUTSIDE: "${outside}", STATE: "${outside}" }, build: 'sh ./build.sh',`,
    );
    const env = { ...process.env, ...SECRETS, HOME: home };
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

  it("have a home and a temporary folder of their own, which go with them", async () => {
    const environment = await file("environment");
    assert.match(environment, new RegExp(`^HOME=${folder}/home$`, "m"));
    assert.match(environment, new RegExp(`^TMPDIR=${folder}/tmp$`, "m"));
    assert.match(await file("written"), /^own$/m);
  });

  it("know where packages come from, and no credentials for it", async () => {
    assert.equal(
      await readFile(join(folder, "home", ".npmrc"), "utf8"),
      "registry=https://npm.example.com/\n",
    );
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

  it("are served all the same", async () => {
    assert.equal((await test.get("/", { "x-canary": "1" })).json.says, "one");
  });
});
