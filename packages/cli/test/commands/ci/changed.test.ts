import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Run } from "../support.ts";
import { perchYaml } from "../support.ts";
import { inStep, REPO, type Step } from "./support.ts";

interface Found {
  readonly services: string[];
  readonly matrix: { include: { service: string; image: string; path: string; changed: boolean }[] };
  readonly added: string[];
  readonly removed: string[];
  readonly renamed: object[];
}

/** main with both services, and what the pull request does to it, on a branch. */
async function change(
  step: Step,
  files: Readonly<Record<string, string | undefined>>,
  ...args: string[]
): Promise<Run & { found: Found; head: string }> {
  await step.git("init", "--quiet", "--initial-branch=main");
  await step.commit({ "services/api/a": "1", "services/store/a": "1", "lib/a": "1" });
  await step.git("checkout", "--quiet", "-b", "feature/$(id>pwned);`id`'\"");
  const head = await step.commit(files);
  // main goes on: what changed there is not of the pull request
  await step.git("checkout", "--quiet", "main");
  await step.commit({ "services/store/later": "2" });
  const run = await step.perch("changed", "--pr", "7", "--head", head, "--base", "main", "--json", ...args);
  return { ...run, head, found: run.code === 0 ? (JSON.parse(run.stdout) as Found) : ({} as Found) };
}

describe("perch ci changed", () => {
  it("names the services of the paths that changed since the merge base, with image and tag", async () => {
    await inStep(async (step) => {
      const { found, head, stderr } = await change(step, { "services/api/new file\n\"'`": "x" });
      assert.deepEqual(found.services, ["api"], stderr);
      const image = `ghcr.io/acme/api:pr-7-${head.slice(0, 12)}`;
      assert.deepEqual(found.matrix.include, [
        { service: "api", path: "services/api", image, changed: true },
      ]);
      const outputs = await step.outputs();
      assert.equal(outputs.any, "true");
      assert.deepEqual(JSON.parse(outputs.matrix ?? ""), found.matrix);
    });
  });

  it("names none for a change elsewhere", async () => {
    await inStep(async (step) => {
      const { found, code } = await change(step, { "docs/x.md": "x", "services/apix/a": "x" });
      assert.deepEqual([code, found.services, (await step.outputs()).any], [0, [], "false"]);
    });
  });

  it("counts a file that is moved out of a service, and one that is removed", async () => {
    await inStep(async (step) => {
      const { found } = await change(step, { "services/store/a": undefined, "elsewhere/a": "1" });
      assert.deepEqual(found.services, ["store"]);
    });
  });

  it("follows the workspace's own packages that a service depends on", async () => {
    const manifests = {
      "services/api/package.json": JSON.stringify({ name: "api", dependencies: { lib: "*" } }),
      "lib/package.json": JSON.stringify({ name: "lib" }),
    };
    await inStep(async (step) => {
      await step.git("init", "--quiet", "--initial-branch=main");
      await step.commit(manifests);
      const base = await step.git("rev-parse", "HEAD");
      const head = await step.commit({ "lib/index.ts": "x" });
      const { stdout } = await step.perch("changed", "--pr", "7", "--head", head, "--base", base);
      assert.equal(stdout, "api\n");
    });
  });

  it("tells a service that is renamed or new from one that has a canary", async () => {
    await inStep(async (step) => {
      const yaml = perchYaml("  more: { repo: acme/shop, path: more, protocol: http }\n")
        .replace("  store: {", "  shelf: {")
        .replace("STORE_ADDR: store", "STORE_ADDR: shelf");
      const { found, stderr } = await change(step, {
        "perch.yaml": yaml,
        "services/store/b": "x",
        "more/a": "x",
      });
      assert.deepEqual(found.services, []);
      assert.deepEqual(found.renamed, [{ from: "store", to: "shelf" }]);
      assert.deepEqual([found.added, found.removed], [["shelf", "more"], ["store"]]);
      assert.match(stderr, /store is called shelf here/);
      assert.match(stderr, /more is new/);
      assert.match(stderr, /perch\.yaml changes/);
    });
  });

  it("refuses a perch.yaml that the pull request breaks or removes, with the place", async () => {
    await inStep(async (step) => {
      const broken = await change(step, { "perch.yaml": perchYaml("  x: { pat: y }\n") });
      assert.deepEqual([broken.code, /perch\.yaml at the head/.test(broken.stderr)], [2, true]);
      const head = await step.commit({ "perch.yaml": undefined });
      const file = ["--config", "perch.yaml"];
      await step.git("checkout", "--quiet", "HEAD~1");
      const gone = await step.perch("changed", "--pr", "7", "--head", head, "--base", "main~1", ...file);
      assert.deepEqual([gone.code, /has no perch\.yaml/.test(gone.stderr)], [2, true]);
    });
  });

  it("does not let a pull request choose the registry", async () => {
    await inStep(async (step) => {
      const yaml = perchYaml().replace("ghcr.io/acme", "evil.example/x");
      const { found } = await change(step, { "perch.yaml": yaml, "services/api/b": "x" });
      assert.match(found.matrix.include[0]?.image ?? "", /^ghcr\.io\/acme\/api:/);
    });
  });

  it("has services that a person labelled, though nothing of them changed", async () => {
    await inStep(async (step) => {
      await step.control.openPullRequest({ repo: REPO, number: 7, head: "0".repeat(40) });
      await step.control.label(REPO, 7, "canary/store");
      const { found } = await change(step, { "services/api/b": "x" }, "--labelled");
      assert.deepEqual(
        found.matrix.include.map(({ service, changed }) => [service, changed]),
        [
          ["api", true],
          ["store", false],
        ],
      );
    });
  });

  it("says what to do where the history is cut off, or a commit is not there", async () => {
    await inStep(async (step) => {
      await step.git("init", "--quiet", "--initial-branch=main");
      const head = await step.commit({ a: "1" });
      await step.git("checkout", "--quiet", "--orphan", "other");
      const base = await step.commit({ b: "1" });
      const cut = await step.perch("changed", "--pr", "7", "--head", head, "--base", base);
      assert.deepEqual([cut.code, /fetch-depth: 0/.test(cut.stderr)], [1, true]);
      for (const revision of ["nothing", "--output=pwned", "a b"]) {
        const args = ["--pr", "7", "--head", head, `--base=${revision}`];
        const missing = await step.perch("changed", ...args);
        assert.deepEqual([missing.code, /has no commit/.test(missing.stderr)], [2, true], revision);
      }
    });
  });
});
