import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HEAD, inStep, pullRequestEvent } from "./support.ts";

describe("perch ci tag", () => {
  it("prints the tag of the event's head, and gives it to later steps", async () => {
    await inStep(async (step) => {
      await step.event(pullRequestEvent());
      const { code, stdout, stderr } = await step.perch("tag");
      assert.deepEqual([code, stdout, stderr], [0, "pr-7-0123456789ab\n", ""]);
      assert.deepEqual(await step.outputs(), {
        tag: "pr-7-0123456789ab",
        pr: "7",
        head: HEAD,
        revision: "0123456789ab",
        trusted: "true",
      });
    });
  });

  it("needs no event where all is said, and takes nothing from another pull request's", async () => {
    await inStep(async (step) => {
      const said = await step.perch("tag", "--pr", "8", "--head", HEAD);
      assert.equal(said.stdout, "pr-8-0123456789ab\n");
      await step.event(pullRequestEvent());
      const other = await step.perch("tag", "--pr", "8");
      assert.deepEqual([other.code, /which of its heads/.test(other.stderr)], [2, true]);
    });
  });

  it("says that a fork's code is not trusted", async () => {
    await inStep(async (step) => {
      await step.event(pullRequestEvent({ head: { sha: HEAD, repo: { full_name: "eve/shop" } } }));
      const { stdout } = await step.perch("tag", "--json");
      assert.equal((JSON.parse(stdout) as { trusted: boolean }).trusted, false);
    });
  });

  it("ends with 2 for an event of another kind, for none, and for a head that is no commit", async () => {
    await inStep(async (step) => {
      assert.match((await step.perch("tag")).stderr, /EVENT_INVALID .*event\.json/);
      await step.event({ repository: { full_name: "acme/shop" }, ref: "refs/heads/main" });
      const push = await step.perch("tag");
      assert.deepEqual([push.code, /EVENT_INVALID .*no pull request/.test(push.stderr)], [2, true]);
      const branch = await step.perch("tag", "--pr", "7", "--head", "$(id)");
      assert.deepEqual([branch.code, /40 hex digits/.test(branch.stderr)], [2, true]);
    });
  });
});
