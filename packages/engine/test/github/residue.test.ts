import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { readGithubResidue, removeGithubResidue, settleDeployment } from "../../src/github/index.ts";
import { CONFIG, configOf, HEAD, type Hub, labelsOf, REPO, startHub } from "./support.ts";

let hub: Hub;

const DAY = 86_400_000;

beforeEach(async () => {
  hub = await startHub({ labels: ["canary/api", "bug"] });
  const status = { state: "success", description: "", environmentUrl: "", logUrl: "" };
  await settleDeployment(hub.repository, { environment: "api-canary-pr-7", ref: HEAD }, status);
});
afterEach(() => hub.close());

async function look(config = CONFIG, days = 30) {
  const now = Date.now();
  return readGithubResidue(hub.repository, config, { now, since: now - days * DAY });
}

describe("what is left at GitHub", () => {
  it("is nothing of an open pull request", async () => {
    assert.deepEqual(await look(), []);
  });

  it("is found when a close was missed, removed, and then gone", async () => {
    await hub.control.close(REPO, 7);
    const residue = await look();
    assert.deepEqual(
      residue.map(({ kind, name }) => `${kind} ${name}`),
      ["label canary/api", "deployment api-canary-pr-7"],
    );
    await removeGithubResidue(hub.repository, residue);
    await removeGithubResidue(hub.repository, residue);
    assert.deepEqual(await look(), []);
    assert.deepEqual(await labelsOf(hub), ["bug"]);
  });

  it("is the label of a canary that nobody pushed to for canary.ttl", async () => {
    await hub.control.age(8 * DAY);
    const residue = await look();
    assert.deepEqual(
      residue.map(({ reason }) => reason),
      ["no push since canary.ttl"],
    );
    await removeGithubResidue(hub.repository, residue);
    assert.deepEqual(await labelsOf(hub), ["bug"]);
    assert.deepEqual(await look(configOf({ ttl: "30d" })), []);
  });

  it("is that label also where canary.ttl is longer than deployments are looked back at", async () => {
    const config = configOf({ ttl: "45d" });
    await hub.control.age(44 * DAY);
    assert.deepEqual(await look(config), []);
    await hub.control.age(46 * DAY);
    assert.deepEqual(
      (await look(config)).map(({ name, reason }) => `${name}: ${reason}`),
      ["canary/api: no push since canary.ttl"],
    );
  });

  it("is not looked for among deployments from long ago", async () => {
    await hub.control.close(REPO, 7);
    await hub.control.age(31 * DAY);
    assert.deepEqual(
      (await look()).map(({ kind }) => kind),
      ["label"],
    );
    assert.equal((await look(CONFIG, 90)).length, 2);
  });

  it("is found behind many pages, and other people's deployments are left alone", async () => {
    const { octokit, place } = hub.repository;
    for (let count = 0; count < 101; count += 1)
      await octokit.rest.repos.createDeployment({ ...place, ref: HEAD, environment: "production" });
    await hub.control.close(REPO, 7);
    assert.equal((await look()).length, 2);
  });
});
