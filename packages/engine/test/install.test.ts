import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { startTestEngine, WEB_CONFIG } from "./support/engine.ts";
import { behaviour, makeRepository } from "./support/repository.ts";

/** A root with a lock file as npm writes it, of a package that is in the repository: nothing is fetched. */
const LOCKED = {
  "package.json": JSON.stringify({ name: "shop", private: true, dependencies: { plain: "file:plain" } }),
  "package-lock.json": JSON.stringify({
    name: "shop",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": { name: "shop", dependencies: { plain: "file:plain" } },
      "node_modules/plain": { resolved: "plain", link: true },
      plain: { version: "1.0.0" },
    },
  }),
  "plain/package.json": JSON.stringify({ name: "plain", version: "1.0.0" }),
};
/** Milliseconds: npm takes seconds where others work too. */
const PATIENCE = 90_000;
const NPM = "npm ci --offline --no-audit --no-fund";
/** Beside the modules, in the service's folder, as a Python service's has; and nobody sets up git's hooks here. */
const VENV =
  "[ $HUSKY = 0 ] && mkdir -p services/web/.venv/bin && ln -s $(command -v node) services/web/.venv/bin/serve";

const configOf = (install: string, start: string) =>
  WEB_CONFIG.replace(
    "start: exec node server.js",
    `install: ${JSON.stringify(install)}, start: ${JSON.stringify(start)}`,
  );

async function engineOf(t: TestContext, yaml: string) {
  const repository = await makeRepository(LOCKED);
  t.after(() => repository.remove());
  const test = await startTestEngine(repository, {}, yaml);
  t.after(() => test.close());
  await test.until("stable is ready", ({ services }) => services[0]?.stable.state === "ready", PATIENCE);
  const push = async (number: number, says: string) => {
    const head = await repository.pushPullRequest(number, behaviour({ says }));
    const folder = await test.untilRevision(number, head.slice(0, 12), PATIENCE);
    assert.equal((await test.get("/", { "x-canary": String(number) })).json.says, says);
    return readFile(join(folder, "log"), "utf8");
  };
  return { push };
}

describe("an install beside a lock file", () => {
  it("that makes more than node_modules is run for each instance: stable, a canary and its next head", async (t) => {
    const install = `${NPM} && ${VENV}`;
    const { push } = await engineOf(t, configOf(install, "exec .venv/bin/serve server.js"));
    for (const log of [await push(1, "one"), await push(1, "two"), await push(2, "three")]) {
      assert.ok(log.includes(`install: ${install}`), log);
      assert.match(log, /install: it is run for each revision, as it changes services\/web\/\.venv/);
    }
  });

  it("that makes node_modules alone is run once, and a canary has what stable has", async (t) => {
    const start = `node -p 'require.resolve("plain/package.json")' && exec node server.js`;
    const { push } = await engineOf(t, configOf(NPM, start));
    assert.doesNotMatch(await push(1, "one"), /install:/);
  });
});
