import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { settleDeployment } from "../../src/github/index.ts";
import { HEAD, type Hub, NEXT, startHub } from "./support.ts";

let hub: Hub;

beforeEach(async () => {
  hub = await startHub();
});
afterEach(() => hub.close());

const environment = "api-canary-pr-7";
const status = (state: string, description = "") => ({
  state,
  description,
  environmentUrl: "http://pr-7.dev.example.com/",
  logUrl: "",
});
const settle = (state: string, ref = HEAD) =>
  settleDeployment(hub.repository, { environment, ref }, status(state));

async function deployments(): Promise<string[]> {
  const { deployments: all } = await hub.control.records();
  return all.map((one) => `${one.sha.slice(0, 4)} ${one.statuses.map(({ state }) => state).join(" < ")}`);
}

describe("a canary's deployment", () => {
  it("is made once, transient and no production, and follows its states", async () => {
    const { id, changed } = await settle("queued");
    assert.equal(changed, true);
    for (const state of ["in_progress", "success"]) assert.equal((await settle(state)).id, id);
    assert.deepEqual(await deployments(), ["0123 success < in_progress < queued"]);
    const [one] = (await hub.control.records()).deployments;
    assert.partialDeepStrictEqual(one, { ref: HEAD, environment, isTransient: true, isProduction: false });
    assert.equal(one?.statuses[0]?.environmentUrl, "http://pr-7.dev.example.com/");
  });

  it("gets no second status that says the same", async () => {
    await settle("success");
    assert.equal((await settle("success")).changed, false);
    assert.deepEqual(await deployments(), ["0123 success"]);
  });

  it("is one, however many runs make it at the same time", async () => {
    const results = await Promise.all([1, 2, 3, 4].map(() => settle("in_progress")));
    await settle("in_progress");
    const left = (await hub.control.records()).deployments;
    assert.equal(left.length, 1);
    assert.equal(left[0]?.statuses[0]?.state, "in_progress");
    assert.ok(results.some(({ id }) => id === left[0]?.id));
  });

  it("is one when GitHub loses the answer that says it was made", async () => {
    await hub.control.fault({
      path: "/deployments",
      method: "POST",
      status: 502,
      times: 1,
      isAnswerLost: true,
    });
    await settle("queued");
    assert.deepEqual(await deployments(), ["0123 queued"]);
  });

  it("makes place for a newer head's when that serves", async () => {
    await settle("success");
    await settle("in_progress", NEXT);
    assert.deepEqual(await deployments(), ["0123 success", "fedc in_progress"]);
    await settle("success", NEXT);
    assert.deepEqual(await deployments(), ["fedc success < in_progress"]);
  });

  it("is the one that Argo CD made, where that was first", async () => {
    const { octokit, place } = hub.as("perch-argocd[bot]");
    const { data } = await octokit.rest.repos.createDeployment({ ...place, ref: HEAD, environment });
    assert.ok("id" in data);
    await octokit.rest.repos.createDeploymentStatus({ ...place, deployment_id: data.id, state: "success" });
    const { id, changed } = await settle("in_progress");
    assert.deepEqual([id, changed], [data.id, false]);
  });
});
