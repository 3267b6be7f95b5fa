import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canaryOf, NO_NAMESPACE, NOTHING, notReady, unready, unsynced, waiting } from "./canary.ts";
import {
  application,
  deployment,
  endpoints,
  HEAD,
  image,
  MADE,
  NEXT,
  pod,
  READY_POD,
  replicaSet,
} from "./objects.ts";

describe("a canary in a cluster that is on its way", () => {
  it("is queued, then syncs, then starts, and nothing is wrong with it", () => {
    const queued = { ...NOTHING, ...unsynced({ operationState: {} }) };
    const first = { phase: "Running", retryCount: 1, message: NO_NAMESPACE, startedAt: MADE };
    const syncing = { ...NOTHING, ...unsynced({ operationState: first }) };
    const creating = notReady(waiting("ContainerCreating", ""));
    const states = [queued, syncing, creating, notReady(), notReady(unready())].map((objects) => {
      const { canary, status } = canaryOf(objects);
      assert.deepEqual([canary.failure, status.settled], [undefined, false]);
      return canary.state;
    });
    assert.deepEqual(states, ["queued", "preparing", "starting", "starting", "starting"]);
  });

  it("keeps its old revision while the new one has not got its image", () => {
    const back = { waiting: { reason: "ErrImagePull", message: "not found" } };
    const late = pod({ containerStatuses: [{ name: "api", state: back }] }, { revision: NEXT, roll: 2 });
    const { canary } = canaryOf({
      applications: [application({}, { revision: NEXT })],
      deployments: [deployment({ revision: NEXT })],
      replicaSets: [replicaSet({ ready: 1 }), replicaSet({ revision: NEXT, roll: 2 })],
      pods: [pod(READY_POD), late],
    });
    assert.deepEqual(
      [canary.state, canary.revision, canary.next?.revision, canary.next?.state],
      ["ready", HEAD, NEXT, "failed"],
    );
    assert.match(canary.failure?.message ?? "", new RegExp(image(NEXT)));
  });

  it("keeps its old revision while the new one's manifests are refused", () => {
    const failed = { phase: "Failed", message: "denied", finishedAt: MADE };
    const { canary } = canaryOf(unsynced({ operationState: failed }));
    assert.deepEqual(
      [canary.state, canary.revision, canary.next?.revision, canary.next?.state],
      ["ready", HEAD, NEXT, "failed"],
    );
  });

  it("is stopping once its Application is told to go", () => {
    const { canary } = canaryOf({ applications: [application({}, { deleted: true })] });
    assert.equal(canary.state, "stopping");
  });

  it("is not told to be cut off in the moment in which its endpoints follow", () => {
    const { canary } = canaryOf(
      { endpointSlices: [endpoints("api-route", false)] },
      Date.parse(MADE) + 1_000,
    );
    assert.deepEqual([canary.state, canary.failure], ["ready", undefined]);
  });
});
