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

  describe("of which the cluster speaks while a run begins it", () => {
    /** Argo CD's notification: the newest deployment that it finds, or else its own. */
    async function speak(state: string, description = ""): Promise<void> {
      const { octokit, place } = hub.as("perch-argocd[bot]");
      const query = { ...place, ref: HEAD, environment };
      const { data: found } = await octokit.rest.repos.listDeployments(query);
      const { data: made } = found[0] ? { data: found[0] } : await octokit.rest.repos.createDeployment(query);
      assert.ok("id" in made);
      await octokit.rest.repos.createDeploymentStatus({
        ...place,
        deployment_id: made.id,
        state: state as "success",
        description,
      });
    }

    /** Does something just before the run's first request of this route is sent. */
    function before(route: string, work: () => Promise<void>): void {
      let isDone = false;
      hub.repository.octokit.hook.before("request", async ({ method, url }) => {
        if (isDone || `${method} ${url}` !== route) return;
        isDone = true;
        await work();
      });
    }

    const CREATE = "POST /repos/{owner}/{repo}/deployments";
    const SAY = `${CREATE}/{deployment_id}/statuses`;

    for (const [state, description] of [
      ["success", "The canary serves this head."],
      ["failure", "Its manifests do not build: no such file"],
    ] as const) {
      it(`says ${state} in the end, where that came between`, async () => {
        before(SAY, () => speak(state, description));
        await settle("in_progress");
        assert.deepEqual(await deployments(), [`0123 ${state} < in_progress < ${state}`]);
        assert.equal((await hub.control.records()).deployments[0]?.statuses[0]?.description, description);
      });

      it(`says ${state} in the end, where both made one`, async () => {
        // Both have listed none: its own is the newer.
        const { octokit, place } = hub.as("perch-argocd[bot]");
        before(SAY, async () => {
          await octokit.rest.repos.createDeployment({ ...place, ref: HEAD, environment });
          await speak(state, description);
        });
        await settle("in_progress");
        assert.deepEqual(await deployments(), [`0123 ${state} < in_progress`]);
      });
    }

    it("is begun again after a close", async () => {
      for (const state of ["success", "inactive", "in_progress"]) await settle(state);
      assert.deepEqual(await deployments(), ["0123 in_progress < inactive < success"]);
    });
  });
});
