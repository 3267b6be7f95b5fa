import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findSandbox } from "../src/processes/sandbox.ts";
import { startTestEngine, type TestEngine, WEB_CONFIG } from "./support/engine.ts";
import { eventually } from "./support/processes.ts";
import { behaviour, makeRepository, type TestRepository } from "./support/repository.ts";

/** Adds a line to what it finds in its cache, leaves something write-protected there as Go does, and tries to reach the cache of PR 1. */
const BUILD = `
echo "$CANARY_REVISION" >> "$XDG_CACHE_HOME/seen" && cp "$XDG_CACHE_HOME/seen" seen
mkdir -p "$GOMODCACHE/module" && touch "$GOMODCACHE/module/$CANARY_REVISION" ; chmod 555 "$GOMODCACHE/module"
[ "$CANARY_PR" = 1 ] || echo "$CANARY_REVISION" >> "$XDG_CACHE_HOME/../../web-pr-1/cache/seen"
env > environment
exit 0
`;
const YAML = WEB_CONFIG.replace("local: {", "local: { build: '[ -z \"$CANARY_PR\" ] || sh ./build.sh',");

describe("the cache of a pull request", () => {
  let repository: TestRepository;
  let test: TestEngine;
  const heads: string[] = [];
  before(async () => {
    repository = await makeRepository({ "services/web/build.sh": BUILD });
    test = await startTestEngine(repository, {}, YAML);
  });
  after(async () => {
    await test.close();
    await repository.remove();
  });

  /** Waits for a head, and says what its build left of a name in the service's folder. */
  async function built(number: number, revision: string, name: string): Promise<string> {
    const folder = await test.untilRevision(number, revision);
    return readFile(join(folder, "worktree", "services", "web", name), "utf8");
  }

  async function push(number: number): Promise<string> {
    const head = await repository.pushPullRequest(number, behaviour({ says: `${heads.length}` }));
    heads.push(head.slice(0, 12));
    return head.slice(0, 12);
  }

  const lines = (text: string) => text.trim().split("\n");
  const scopes = async () => (await readdir(join(test.stateDir, "dependencies"))).sort();

  it("is there at its next push", async () => {
    const first = await push(1);
    assert.deepEqual(lines(await built(1, first, "seen")), [first]);
    const next = await push(1);
    assert.deepEqual(lines(await built(1, next, "seen")), [first, next]);
  });

  it("is where tools look: what they fetch and compile is neither the machine's nor the instance's", async () => {
    const environment = await built(1, heads[1] ?? "", "environment");
    const cache = join(test.stateDir, "dependencies", "web-pr-1", "cache");
    for (const [name, place] of Object.entries({
      XDG_CACHE_HOME: "",
      GOCACHE: "go-build",
      GOMODCACHE: "go-mod",
      PIP_CACHE_DIR: "pip",
      npm_config_cache: "npm",
      PNPM_HOME: "pnpm",
      YARN_GLOBAL_FOLDER: "yarn",
    }))
      assert.ok(environment.split("\n").includes(`${name}=${join(cache, place)}`), environment);
  });

  it("is not another one's, who cannot write to it where the system can hold that", async () => {
    const other = await push(2);
    assert.deepEqual(lines(await built(2, other, "seen")), [other]);
    const { holdsWrites } = await findSandbox();
    const seen = await readFile(join(test.stateDir, "dependencies", "web-pr-1", "cache", "seen"), "utf8");
    assert.equal(seen.includes(other), !holdsWrites);
  });

  it("is there under the next engine, also one of another version, which knows of no pull request at first", async () => {
    await test.engine.close();
    assert.deepEqual(await scopes(), ["web-pr-1", "web-pr-2"]);
    const before = heads[1] ?? "";
    const next = await push(1);
    test = await startTestEngine(repository, { stateDir: test.stateDir, version: "0.0.1-test" }, YAML);
    const seen = lines(await built(1, next, "seen"));
    assert.ok(seen.includes(before), seen.join());
    assert.equal(seen.at(-1), next);
  });

  it("goes with it, write-protected or not", async () => {
    await repository.closePullRequest(1);
    await eventually(async () => assert.deepEqual(await scopes(), ["web-pr-2"]));
    await repository.closePullRequest(2);
    await eventually(async () => assert.deepEqual(await scopes(), []));
  });
});
