import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BOT, HEAD, inStep, NEXT, pullRequestEvent, REPO, type Step } from "./support.ts";

/** Pull request 7 is open at HEAD, and the step runs for it. */
async function opened(step: Step, change: object = {}): Promise<void> {
  await step.control.openPullRequest({ repo: REPO, number: 7, head: HEAD, ...change });
  await step.event(pullRequestEvent());
}

async function json<T>(step: Step, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await step.perch(...args, "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as T;
}

const labels = async (step: Step) => (await step.control.list())[0]?.labels;

describe("the life of a pull request, by the commands of its workflows", () => {
  it("is labels after the images, a deployment, one comment; and at the end none of it", async () => {
    await inStep(async (step) => {
      await opened(step);
      const set = await json<{ added: string[] }>(step, "labels", "--built", "api");
      assert.deepEqual(set.added, ["canary/api"]);
      const state = ["--services", "api", "--log-url", "https://github.com/acme/shop/actions/runs/1"];
      await json(step, "deployment", "--state", "in_progress", ...state);
      const failed = ["--services", "store", "--reason", "it did not build: @acme/all"];
      await json(step, "deployment", "--state", "failure", ...failed);
      assert.equal((await json<{ outcome: string }>(step, "comment")).outcome, "created");
      const { comments } = await step.control.records();
      assert.match(
        comments[0]?.body ?? "",
        /`api`.*is starting(.|\n)*`store`.*`it did not build: @acme\/all`/,
      );
      await step.control.close(REPO, 7);
      const end = await json<{ removed: string[]; ended: number[] }>(step, "close");
      assert.deepEqual([end.removed, end.ended.length], [["canary/api"], 2]);
      const after = await step.control.records();
      assert.deepEqual(
        after.deployments.map(({ statuses }) => statuses[0]?.state),
        ["inactive", "inactive"],
      );
      assert.deepEqual([await labels(step), after.comments.length], [[], 1]);
      assert.equal((await step.perch("sweep", "--github")).code, 0);
    });
  });

  it("is updated by an event of the deployment, when the cluster says that it serves", async () => {
    await inStep(async (step) => {
      await opened(step, { labels: ["canary/api"] });
      await json(step, "deployment", "--state", "success", "--services", "api");
      await step.event({
        repository: { full_name: REPO },
        deployment: { environment: "api-canary-pr-7", sha: HEAD },
        deployment_status: { state: "success" },
      });
      await json(step, "comment");
      const { comments } = await step.control.records();
      assert.match(comments[0]?.body ?? "", /serves \| \[share link\]\(<http:\/\/pr-7\.localhost\/>\)/);
      assert.equal(comments[0]?.author, BOT);
    });
  });

  it("ends with 4, and changes nothing, for a head that was pushed over and for a closed pull request", async () => {
    await inStep(async (step) => {
      await opened(step);
      await step.control.push(REPO, 7, NEXT);
      const commands = [
        ["labels", "--built", "api"],
        ["deployment", "--state", "queued", "--services", "api"],
      ];
      for (const command of commands) {
        const moved = await step.perch(...command);
        assert.deepEqual([moved.code, /SUPERSEDED.*another head/.test(moved.stderr)], [4, true]);
      }
      assert.equal((await step.perch("close")).code, 4);
      await step.control.close(REPO, 7);
      for (const command of commands) assert.equal((await step.perch(...command)).code, 4);
      assert.deepEqual([(await step.control.records()).deployments, await labels(step)], [[], []]);
    });
  });

  it("shows with --dry-run what would change, and changes nothing", async () => {
    await inStep(async (step) => {
      await opened(step, { labels: ["canary/api"] });
      const { stdout } = await step.perch("comment", "--dry-run");
      assert.match(stdout, /curl -i -H 'X-Canary: 7'/);
      assert.match(
        (await step.perch("labels", "--built", "store", "--dry-run")).stdout,
        /^\+ canary\/store$/m,
      );
      await step.perch("deployment", "--state", "success", "--services", "api", "--dry-run");
      const { comments, deployments } = await step.control.records();
      assert.deepEqual([comments, deployments, await labels(step)], [[], [], ["canary/api"]]);
    });
  });

  it("asks for a token, and names no token in what it prints", async () => {
    await inStep(async (step) => {
      await opened(step);
      const none = await step.perchWith({ GITHUB_TOKEN: "" }, "labels", "--built", "api");
      assert.deepEqual([none.code, /GITHUB_TOKEN/.test(none.stderr)], [2, true]);
      const poor = await step.perchWith({ GITHUB_TOKEN: "read-only-7f3a" }, "labels", "--built", "api");
      assert.deepEqual([poor.code, /GITHUB_REFUSED.*403/.test(poor.stderr)], [1, true]);
      assert.doesNotMatch(poor.stderr + poor.stdout, /7f3a/);
    });
  });

  it("refuses a state, a log's address and a service that cannot be", async () => {
    await inStep(async (step) => {
      await opened(step);
      const base = ["deployment", "--services", "api"];
      for (const args of [
        [...base, "--state", "great"],
        [...base, "--state", "failure", "--log-url", "javascript:alert(1)"],
        ["deployment", "--services", "gone", "--state", "queued"],
        ["labels", "--built", "gone"],
        ["labels"],
      ])
        assert.equal((await step.perch(...args)).code, 2, args.join(" "));
    });
  });
});

describe("a fork's pull request", () => {
  it("is built at the head that a maintainer names, and loses its labels by the next push", async () => {
    await inStep(async (step) => {
      await opened(step, { fork: "eve/shop", author: "eve" });
      await step.event({ repository: { full_name: REPO }, inputs: { pr: "7", head: HEAD } });
      assert.equal((await step.perch("fork")).stdout, "pr-7-0123456789ab\n");
      assert.equal((await step.perch("labels", "--built", "api")).code, 0);
      await step.control.push(REPO, 7, NEXT);
      assert.equal((await step.perch("fork")).code, 4);
      assert.deepEqual((await json<{ removed: string[] }>(step, "revoke")).removed, ["canary/api"]);
      assert.deepEqual(await labels(step), []);
    });
  });

  it("is the only kind that perch ci fork lets pass", async () => {
    await inStep(async (step) => {
      await opened(step);
      const { code, stderr } = await step.perch("fork");
      assert.deepEqual([code, /NOT_ALLOWED/.test(stderr)], [2, true]);
    });
  });
});

describe("what is left", () => {
  it("is listed with exit code 1, removed, and then nothing", async () => {
    await inStep(async (step) => {
      await opened(step);
      await json(step, "labels", "--built", "api");
      await json(step, "deployment", "--state", "success", "--services", "api");
      await step.control.close(REPO, 7);
      const shown = await step.perch("sweep", "--github");
      assert.equal(shown.code, 1);
      assert.match(shown.stdout, /^acme\/shop#7 {2}label canary\/api: the pull request is closed$/m);
      assert.match(shown.stdout, /^acme\/shop#7 {2}deployment api-canary-pr-7: /m);
      const removed = await step.perch("sweep", "--github", "--remove");
      assert.deepEqual([removed.code, /2 of 2 removed/.test(removed.stdout)], [0, true]);
      assert.equal((await step.perch("sweep", "--github")).stdout, "Nothing is left.\n");
    });
  });

  it("needs a place to look at", async () => {
    await inStep(async (step) => {
      const { code, stderr } = await step.perch("sweep");
      assert.deepEqual([code, /--github/.test(stderr)], [2, true]);
    });
  });
});

describe("perch ci budget", () => {
  it("counts requests, and ends with 1 over a limit", async () => {
    await inStep(async (step) => {
      const fine = await step.perch("budget");
      assert.deepEqual([fine.code, /of 5000 an hour: Argo CD$/m.test(fine.stdout)], [0, true]);
      const many = await step.perch("budget", "--open", "250", "--events", "2000");
      assert.deepEqual(
        [many.code, /6180 {2}of 5000 an hour: Argo CD \(too many/.test(many.stdout)],
        [1, true],
      );
    });
  });
});
