import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { jobsOf, readWorkflows } from "./read.ts";

const workflows = await readWorkflows();
const jobs = jobsOf(workflows);
const steps = jobs.flatMap(({ name, workflow, job }) =>
  (job.steps ?? []).map((step) => ({ name, workflow, job, step })),
);

const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/;
const EXPRESSION = /\$\{\{/;

describe("workflows", () => {
  it("are those that the docs name", () => {
    assert.deepEqual(
      workflows.map(({ file }) => file),
      [
        "canary-close.yml",
        "canary-comment.yml",
        "canary-fork.yml",
        "canary-image.yml",
        "canary-revoke.yml",
        "canary.yml",
        "ci.yml",
        "promote.yml",
        "release.yml",
        "sweep.yml",
      ],
    );
  });

  it("use others' actions by commit alone, with the version beside it", () => {
    for (const { name, step } of steps) {
      const { uses } = step;
      if (uses === undefined || uses.startsWith("./")) continue;
      assert.match(uses, PINNED, name);
    }
    for (const { file, text } of workflows) {
      for (const line of text.split("\n").filter((one) => /uses: [^.]/.test(one)))
        assert.match(line, /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, `${file}: ${line}`);
    }
  });

  it("name one commit for an action, everywhere", () => {
    const pins = new Map<string, string>();
    for (const { name, step } of steps) {
      const [action = "", commit] = (step.uses ?? "").split("@");
      if (commit === undefined) continue;
      assert.equal(pins.get(action) ?? commit, commit, `${name}: ${action}`);
      pins.set(action, commit);
    }
  });

  it("give no right to all jobs, and to each those that it states", () => {
    for (const { file, permissions } of workflows) assert.deepEqual(permissions, {}, file);
    for (const { name, job } of jobs) {
      assert.ok(job.permissions !== undefined && typeof job.permissions === "object", name);
      assert.notEqual(job.permissions.contents, "write", name);
      assert.ok(!("actions" in job.permissions), name);
    }
  });

  it("let nothing publish but what runs neither a checkout nor an install, after every test", () => {
    const publishing = jobs.filter(({ job }) => "id-token" in (job.permissions ?? {}));
    assert.deepEqual(
      publishing.map(({ workflow, job }) => [workflow.file, job.permissions, job.needs]),
      [["release.yml", { "id-token": "write" }, ["test", "pack"]]],
    );
    const used = publishing.flatMap(({ job }) => job.steps ?? []).map((step) => step.uses ?? step.run ?? "");
    for (const text of used) assert.doesNotMatch(text, /checkout|\.\/\.github|npm (ci|install|run|exec)|npx/);
  });

  it("put nothing into a script but by the environment", () => {
    for (const { name, step } of steps)
      if (step.run !== undefined) assert.doesNotMatch(step.run, EXPRESSION, name);
  });

  it("never give text that an author writes to anything but an environment variable or a condition", () => {
    const written =
      /github\.(head_ref|event\.(pull_request\.(title|body|head\.(ref|label))|comment|issue|review))/;
    for (const { file, text } of workflows) assert.doesNotMatch(text, written, file);
  });

  it("check out nothing of a pull request where its event has a token that writes", () => {
    const privileged = workflows.filter(({ on }) => "pull_request_target" in on || "workflow_run" in on);
    assert.deepEqual(
      privileged.map(({ file }) => file),
      ["canary-close.yml", "canary-revoke.yml"],
    );
    for (const { workflow, name, step } of steps) {
      if (!privileged.includes(workflow) || !step.uses?.startsWith("actions/checkout@")) continue;
      // Nor its base, which its author chooses among all branches.
      assert.equal(step.with?.ref, `$\{{ github.event.repository.default_branch }}`, name);
      assert.equal(step.with?.repository, undefined, name);
    }
  });

  it("leave no credentials in a checkout", () => {
    for (const { name, step } of steps)
      if (step.uses?.startsWith("actions/checkout@"))
        assert.equal(step.with?.["persist-credentials"], false, name);
  });

  it("build a fork's code without secrets, without a token that writes and without a cache that others read", () => {
    const fork = workflows.find(({ file }) => file === "canary-fork.yml");
    const build = fork?.jobs.build;
    assert.ok(build !== undefined);
    assert.deepEqual(build.permissions, { contents: "read" });
    assert.doesNotMatch(JSON.stringify(build), /secrets\.|github\.token|cache-to|login-action/);
    assert.ok(build.steps?.every(({ run }) => run === undefined));
    // The job that may push runs nothing of it: it has no checkout but the default branch's.
    const checkouts = fork?.jobs.push?.steps?.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    assert.deepEqual(
      checkouts?.map((step) => step.with),
      [{ "persist-credentials": false }],
    );
  });

  it("run perch itself from the base, never from a pull request", () => {
    for (const { name, workflow, job } of jobs) {
      const list = job.steps ?? [];
      const own = list.findIndex(({ uses }) => uses === "./.github/actions/perch");
      if (own === -1 || workflow.file === "ci.yml") continue;
      const refs = list
        .slice(0, own)
        .filter((step) => step.uses?.startsWith("actions/checkout@") && step.with?.path === undefined)
        .map((step) => String(step.with?.ref ?? "the default branch"));
      for (const ref of refs)
        if (!ref.startsWith(`$\{{ matrix.changed &&`)) assert.doesNotMatch(ref, /head/, `${name}: ${ref}`);
    }
  });

  it("install perch before a head is checked out beside it", () => {
    for (const { name, job } of jobs) {
      const list = job.steps ?? [];
      const head = list.findIndex(({ with: given }) => given?.path === "head");
      if (head === -1) continue;
      assert.ok(
        list.slice(0, head).some(({ uses }) => uses === "./.github/actions/perch"),
        name,
      );
      assert.ok(!list.slice(head).some(({ uses }) => uses === "./.github/actions/perch"), name);
    }
  });

  it("take a fork's labels away at every event after which its head may be another", () => {
    const revoke = workflows.find(({ file }) => file === "canary-revoke.yml");
    assert.deepEqual(revoke?.on, { pull_request_target: { types: ["synchronize", "reopened"] } });
  });

  it("build nothing for a label on a pull request that is closed", () => {
    const canary = workflows.find(({ file }) => file === "canary.yml");
    assert.match(canary?.jobs.canary?.if ?? "", /^github\.event\.pull_request\.state == 'open' && \(/);
  });

  it("tag images by the head of the pull request, not by the merge commit of the run", () => {
    for (const { file, text } of workflows) assert.doesNotMatch(text, /GITHUB_SHA|github\.sha\b/, file);
  });

  it("push every image with a provenance and a list of its parts", () => {
    const builds = steps.filter(({ step }) => step.uses?.startsWith("docker/build-push-action@"));
    assert.equal(builds.length, 3);
    for (const { name, step } of builds) {
      assert.equal(step.with?.provenance, "mode=max", name);
      assert.equal(step.with?.sbom, true, name);
      assert.match(String(step.with?.labels), /org\.opencontainers\.image\.revision=/, name);
    }
  });

  it("end, and do not run over each other", () => {
    for (const { name, workflow, job } of jobs) {
      if (job.uses === undefined) assert.ok((job["timeout-minutes"] ?? 0) > 0, name);
      const isCalled = "workflow_call" in workflow.on;
      assert.equal(workflow.concurrency !== undefined, !isCalled, workflow.file);
    }
  });
});
