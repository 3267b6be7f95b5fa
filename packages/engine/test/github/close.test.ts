import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  type CloseOptions,
  closePullRequest,
  setGateLabels,
  settleDeployment,
  writeFeedback,
} from "../../src/github/index.ts";
import { BOT, CONFIG, HEAD, type Hub, labelsOf, REPO, startHub } from "./support.ts";

let hub: Hub;

const options: CloseOptions = { number: 7, author: BOT, isDryRun: false };

beforeEach(async () => {
  hub = await startHub();
  const built = ["api", "store"];
  await setGateLabels(hub.repository, CONFIG, { number: 7, head: HEAD, built, isDryRun: false });
  await hub.control.label(REPO, 7, "bug");
  const status = { state: "success", description: "", environmentUrl: "", logUrl: "" };
  for (const service of built) {
    const environment = `${service}-canary-pr-7`;
    await settleDeployment(hub.repository, { environment, ref: HEAD }, status);
  }
  await writeFeedback(hub.repository, CONFIG, { number: 7, author: BOT });
});
afterEach(() => hub.close());

async function states(): Promise<(string | undefined)[]> {
  const { deployments } = await hub.control.records();
  return deployments.map(({ statuses }) => statuses[0]?.state);
}

describe("the end of a pull request", () => {
  it("takes labels away, ends deployments, says so, and asks for the images to go", async () => {
    await hub.control.close(REPO, 7, { merged: true });
    const asked: number[] = [];
    const removeImages = async (pr: number) => {
      asked.push(pr);
      return ["api:pr-7-0123456789ab"];
    };
    const result = await closePullRequest(hub.repository, CONFIG, { ...options, removeImages });
    assert.partialDeepStrictEqual(result, {
      removed: ["canary/api", "canary/store"],
      images: ["api:pr-7-0123456789ab"],
      comment: "updated",
    });
    assert.deepEqual([await labelsOf(hub), asked], [["bug"], [7]]);
    assert.deepEqual(await states(), ["inactive", "inactive"]);
    assert.match((await hub.control.records()).comments[0]?.body ?? "", /is closed/);
  });

  it("does nothing the second time, and comes to the same when runs overlap", async () => {
    await hub.control.close(REPO, 7);
    await Promise.all([1, 2].map(() => closePullRequest(hub.repository, CONFIG, options)));
    const again = await closePullRequest(hub.repository, CONFIG, options);
    assert.deepEqual(again, { removed: [], ended: [], images: [], comment: "unchanged" });
    assert.deepEqual(await states(), ["inactive", "inactive"]);
  });

  it("goes on where an outage cut it off", async () => {
    await hub.control.close(REPO, 7);
    await hub.control.fault({ path: "/statuses", method: "POST", status: 500, times: 4 });
    await assert.rejects(closePullRequest(hub.repository, CONFIG, options), { code: "GITHUB_FAILED" });
    assert.deepEqual(await labelsOf(hub), ["bug"]);
    await hub.control.fault({ path: "/statuses", method: "POST", status: 500, times: 2 });
    await closePullRequest(hub.repository, CONFIG, options);
    await closePullRequest(hub.repository, CONFIG, options);
    assert.deepEqual(await states(), ["inactive", "inactive"]);
  });

  it("stays the end when runs of earlier events come late, in any order", async () => {
    await hub.control.close(REPO, 7);
    await closePullRequest(hub.repository, CONFIG, options);
    const before = await hub.control.records();
    const built = { number: 7, head: HEAD, built: ["api"], isDryRun: false };
    await assert.rejects(setGateLabels(hub.repository, CONFIG, built), { code: "SUPERSEDED" });
    assert.equal((await writeFeedback(hub.repository, CONFIG, options)).outcome, "unchanged");
    await assert.rejects(setGateLabels(hub.repository, CONFIG, built), { code: "SUPERSEDED" });
    assert.deepEqual(await hub.control.records(), before);
    assert.deepEqual(await labelsOf(hub), ["bug"]);
  });

  it("is undone by opening it again: labels, a new state of the same deployment, the comment", async () => {
    await hub.control.close(REPO, 7);
    await closePullRequest(hub.repository, CONFIG, options);
    await hub.control.reopen(REPO, 7);
    await setGateLabels(hub.repository, CONFIG, { number: 7, head: HEAD, built: ["api"], isDryRun: false });
    const status = { state: "in_progress", description: "", environmentUrl: "", logUrl: "" };
    await settleDeployment(hub.repository, { environment: "api-canary-pr-7", ref: HEAD }, status);
    assert.equal((await writeFeedback(hub.repository, CONFIG, options)).outcome, "updated");
    const { comments, deployments } = await hub.control.records();
    assert.deepEqual([comments.length, deployments.length], [1, 2]);
    assert.match(comments[0]?.body ?? "", /`api`.*is starting/);
  });

  it("does nothing to one that is open again", async () => {
    await assert.rejects(closePullRequest(hub.repository, CONFIG, options), { code: "SUPERSEDED" });
    assert.equal((await labelsOf(hub)).length, 3);
  });

  it("only says what it would do when asked to", async () => {
    await hub.control.close(REPO, 7);
    const plan = await closePullRequest(hub.repository, CONFIG, { ...options, isDryRun: true });
    assert.deepEqual([plan.removed.length, plan.ended.length], [2, 2]);
    assert.deepEqual(await states(), ["success", "success"]);
  });
});
