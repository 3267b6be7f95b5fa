import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseConfig } from "@perch/core";
import { dueAtGithub } from "../../src/promotion/due.ts";
import { BOT, HEAD, inStep, REPO } from "../commands/ci/support.ts";
import { perchYaml } from "../commands/support.ts";

const DAY = 86_400_000;

describe("whether a pull request's images are to go", () => {
  it("is so when it was closed canary.keepImages ago, and not before", async () => {
    const result = parseConfig(perchYaml("canary: { keepImages: 7d }\n"));
    assert.ok(result.ok);
    const { config } = result;
    await inStep(async ({ apiUrl, control }) => {
      process.env.GITHUB_TOKEN = BOT;
      await control.openPullRequest({ repo: REPO, number: 7, head: HEAD });
      const at = (days: number) => dueAtGithub(config, apiUrl, Date.now() + days * DAY)(REPO, 7);
      assert.equal(await at(8), false, "it is open");
      await control.close(REPO, 7);
      assert.deepEqual([await at(6), await at(8)], [false, true]);
      await control.reopen(REPO, 7);
      assert.equal(await at(8), false);
    });
  });

  it("is asked once for each pull request", async () => {
    const result = parseConfig(perchYaml());
    assert.ok(result.ok);
    const { config } = result;
    await inStep(async ({ apiUrl, control }) => {
      process.env.GITHUB_TOKEN = BOT;
      const isDue = dueAtGithub(config, apiUrl, Date.now());
      assert.deepEqual(await Promise.all([isDue(REPO, 9), isDue(REPO, 9)]), [false, false]);
      assert.equal((await control.requests()).length, 1);
    });
  });
});
