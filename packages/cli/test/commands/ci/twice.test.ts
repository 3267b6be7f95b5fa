import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { describe, it } from "node:test";
import { inRepository, perch } from "../support.ts";
import { HEAD, inStep, pullRequestEvent, REPO, type Step } from "./support.ts";

/** A command, and what there is before it is run. Absent: pull request 7 is open. */
interface Case {
  readonly args: readonly string[];
  readonly given?: (step: Step) => Promise<void>;
}

const opened = async (step: Step, change: object = {}) => {
  await step.control.openPullRequest({ repo: REPO, number: 7, head: HEAD, ...change });
  await step.event(pullRequestEvent());
};
const labelled = (step: Step) => opened(step, { labels: ["canary/api"] });
const ofFork = async (step: Step) => {
  await opened(step, { fork: "eve/shop", author: "eve", labels: ["canary/api"] });
  await step.event({ repository: { full_name: REPO }, inputs: { pr: "7", head: HEAD } });
};
/** Closed, and nobody has tidied up. */
const closed = async (step: Step) => {
  await labelled(step);
  await step.perch("deployment", "--state", "success", "--services", "api");
  await step.perch("comment");
  await step.control.pushPackage("acme/api", ["main"]);
  await step.control.pushPackage("acme/api", ["pr-7-0123456789ab"]);
  await step.control.close(REPO, 7);
};

const CASES: Readonly<Record<string, Case>> = {
  tag: { args: [] },
  labels: { args: ["--built", "api"] },
  deployment: { args: ["--state", "in_progress", "--services", "api,store"] },
  comment: { args: [], given: labelled },
  refresh: { args: [] },
  fork: { args: [], given: ofFork },
  revoke: { args: [], given: ofFork },
  close: { args: [], given: closed },
  images: { args: ["--pr", "7", "--remove"], given: closed },
  budget: { args: [] },
  sweep: { args: ["--github", "--remove"], given: closed },
};

/** Those that have no state at GitHub: on a history in changed.test.ts, on a real registry in e2e/promotion.test.ts. */
const ELSEWHERE = ["changed", "retag"];

/** Everything that GitHub keeps, and the names of the checkout's files. */
async function stateOf({ control, folder }: Step): Promise<object> {
  const [pullRequests, records, packages, files] = await Promise.all([
    control.list(),
    control.records(),
    control.packages(),
    readdir(folder, { recursive: true }),
  ]);
  return { pullRequests, records, packages, files: files.sort() };
}

describe("run twice, the state is that of once, and both runs end well:", { concurrency: 4 }, () => {
  for (const [verb, { args, given = opened }] of Object.entries(CASES)) {
    it(`perch ci ${[verb, ...args].join(" ")}`, async () => {
      await inStep(async (step) => {
        await given(step);
        const first = await step.perch(verb, ...args);
        assert.equal(first.code, 0, first.stderr);
        const once = await stateOf(step);
        const second = await step.perch(verb, ...args);
        assert.equal(second.code, 0, second.stderr);
        assert.deepEqual(await stateOf(step), once);
      });
    });
  }

  it("(these are all commands of perch ci)", async () => {
    await inRepository(async (folder) => {
      const { stdout } = await perch(folder, "ci", "--help");
      const verbs = [...stdout.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, verb]) => verb);
      assert.deepEqual(verbs.sort(), [...Object.keys(CASES), ...ELSEWHERE].sort());
    });
  });
});
