import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ClusterReading, clusterStatus } from "@perch/core";
import fc from "fast-check";
import { shop } from "../support.ts";
import {
  application,
  applicationSet,
  CANARY,
  deployment,
  endpoints,
  HEAD,
  MADE,
  NEXT,
  NOW,
  pod,
  READY_POD,
  reading,
  replicaSet,
} from "./objects.ts";

const config = shop();
const statusOf = (change: Partial<ClusterReading>) => clusterStatus(config, reading(change), NOW);

/** Stable of api, at v1. */
function stable(ready: number): Partial<ClusterReading> {
  const place = { namespace: "apps", tag: "ghcr.io/acme/api:v1", ready };
  return {
    applications: [application({}, { name: "shop-stable-api" })],
    deployments: [deployment(place)],
    replicaSets: [replicaSet(place)],
    pods: ready > 0 ? [pod(READY_POD, place)] : [],
    endpointSlices: [endpoints("api", ready > 0, "apps")],
  };
}

describe("the status of a cluster", () => {
  it("has stable and every canary of a service, as an engine has them", () => {
    const { project, edge, services, pullRequests } = statusOf({});
    assert.deepEqual([project, edge.url], ["shop", "http://localhost"]);
    const [api, store] = services;
    assert.deepEqual(
      api?.canaries.map(({ pr, state, revision, selector, shareLink }) => [
        pr,
        state,
        revision,
        selector,
        shareLink,
      ]),
      [[7, "ready", HEAD, "7", "http://pr-7.localhost/"]],
    );
    assert.deepEqual([api?.stable.state, store?.stable.state, store?.canaries], ["failed", "failed", []]);
    assert.equal(store?.apex, "store.apps.svc.cluster.local:50051");
    assert.deepEqual(pullRequests, [
      { repo: "acme/shop", number: 7, head: HEAD, title: "", services: ["api"] },
    ]);
  });

  it("has stable's image tag as its revision, and says what is wrong with it first", () => {
    const [api] = statusOf(stable(1)).services;
    assert.deepEqual([api?.stable.state, api?.stable.revision], ["ready", "v1"]);
    const broken = statusOf({
      ...stable(1),
      applications: [
        ...reading().applications,
        application(
          { conditions: [{ type: "ComparisonError", message: "no such file" }] },
          { name: "shop-stable-api" },
        ),
      ],
    });
    assert.deepEqual(
      broken.problems.map(({ code, variant }) => [code, variant]),
      [
        ["MANIFESTS_INVALID", "api"],
        ["SYNC_FAILED", "store"],
        ["MANIFESTS_INVALID", CANARY],
      ],
    );
    assert.equal(broken.services[0]?.stable.state, "ready");
  });

  it("says that nothing brings stable where it has neither an Application nor pods", () => {
    const [problem] = statusOf({}).problems;
    assert.match(problem?.message ?? "", /no Application shop-stable-api in argocd/);
    const unread = [{ resource: "applications", reason: "forbidden" }];
    const [api] = statusOf({ applications: [], unread }).services;
    assert.deepEqual([api?.stable.state, api?.stable.failure], ["queued", undefined]);
  });

  it("leaves out what is no canary of a service in perch.yaml", () => {
    const others = ["web-canary-pr-7", "guestbook", "api-canary-pr-x", "api-canary-pr-9-platform-x"];
    const { services } = statusOf({ applications: others.map((name) => application({}, { name })) });
    assert.deepEqual(
      services.flatMap(({ canaries }) => canaries),
      [],
    );
  });

  it("says that no new canary comes where the pull requests cannot be listed", () => {
    const error = { type: "ErrorOccurred", status: "True", message: "401 Bad credentials" };
    const { problems, sources } = statusOf({ applicationSets: [applicationSet([error])] });
    assert.match(problems[0]?.message ?? "", /canaries-acme-shop: 401 Bad credentials/);
    assert.equal(sources[0]?.error?.code, "SOURCE_UNREACHABLE");
    assert.match(
      statusOf({ applicationSets: [] }).problems[0]?.message ?? "",
      /no ApplicationSet canaries-acme-shop/,
    );
  });

  it("has the tag of an image as its revision, and none where there is none that could be one", () => {
    const revisionOfStable = (tag: string) => {
      const place = { namespace: "apps", tag, ready: 1 };
      const objects = { deployments: [deployment(place)], replicaSets: [replicaSet(place)] };
      return statusOf({ ...stable(1), ...objects }).services[0]?.stable.revision;
    };
    const digest = `@sha256:${"a".repeat(64)}`;
    const images = [
      "r:5000/api:v1",
      `r:5000/api:v1${digest}`,
      `r/api:pr-7-${HEAD}`,
      "r:5000/api",
      `r/api${digest}`,
    ];
    assert.deepEqual(images.map(revisionOfStable), ["v1", "v1", HEAD, "", ""]);
    assert.equal(revisionOfStable("r/api:\u001b[2J"), "");
  });
});

describe("the status for somebody who may not read everything", () => {
  const reason = "pods is forbidden";

  it("says what Argo CD says where workloads may not be read", () => {
    const kinds = ["deployments", "replicasets", "pods", "endpointslices"];
    const unread = kinds.map((resource) => ({ resource, namespace: CANARY, reason }));
    const blind = { deployments: [], replicaSets: [], pods: [], endpointSlices: [], unread };
    const state = (health: string) =>
      statusOf({ ...blind, applications: [application({ health: { status: health } })] }).services[0]
        ?.canaries[0];
    assert.deepEqual(
      ["Healthy", "Progressing", "Degraded", "Missing"].map((health) => state(health)?.state),
      ["ready", "starting", "failed", "starting"],
    );
    assert.equal(state("Healthy")?.revision, HEAD);
    const { problems } = statusOf(blind);
    assert.deepEqual(
      problems.slice(0, kinds.length).map(({ code, message }) => [code, message]),
      kinds.map((kind) => ["CLUSTER_REFUSED", `Not read: ${kind} in ${CANARY}. pods is forbidden`]),
    );
  });

  it("finds canaries by their workloads where Applications may not be read", () => {
    const unread = [{ resource: "applications", reason: "applications is forbidden" }];
    const { services, problems } = statusOf({ applications: [], unread });
    assert.deepEqual(
      services[0]?.canaries.map(({ pr, state, revision }) => [pr, state, revision]),
      [[7, "ready", HEAD]],
    );
    assert.match(problems[0]?.hint ?? "", /ClusterRole/);
  });

  it("goes by the Deployment where ReplicaSets and pods may not be read", () => {
    const unread = ["replicasets", "pods"].map((resource) => ({ resource, reason }));
    const made = deployment({}, [
      { type: "ReplicaFailure", status: "True", message: "violates PodSecurity", lastTransitionTime: MADE },
    ]);
    const { services } = statusOf({ deployments: [made], replicaSets: [], pods: [], unread });
    assert.equal(services[0]?.canaries[0]?.failure?.code, "PODS_REFUSED");
  });
});

/** Parts of a cluster in any combination, also such as no cluster has. */
const anyReading = fc
  .record({
    phase: fc.constantFrom(undefined, "Running", "Failed", "Error", "Succeeded"),
    sync: fc.constantFrom(undefined, "Synced", "OutOfSync", "Unknown"),
    condition: fc.constantFrom(undefined, "ComparisonError", "SyncError", "OrphanedResourceWarning"),
    wanted: fc.constantFrom(HEAD, NEXT),
    sets: fc.uniqueArray(
      fc.record({
        roll: fc.nat({ max: 4 }),
        ready: fc.nat({ max: 1 }),
        revision: fc.constantFrom(HEAD, NEXT),
      }),
      { selector: ({ roll }) => roll, maxLength: 3 },
    ),
    waiting: fc.constantFrom(undefined, "ImagePullBackOff", "CrashLoopBackOff", "ContainerCreating"),
    hasDeployment: fc.boolean(),
    isReachable: fc.boolean(),
    unread: fc.subarray(["applications", "deployments", "replicasets", "pods", "endpointslices"]),
  })
  .map(({ phase, sync, condition, wanted, sets, waiting, hasDeployment, isReachable, unread }) => {
    const conditions = condition === undefined ? [] : [{ type: condition, message: "m" }];
    const operation = phase === undefined ? {} : { operationState: { phase, finishedAt: MADE } };
    const sync1 = sync === undefined ? {} : { sync: { status: sync } };
    const state = waiting === undefined ? { running: { startedAt: MADE } } : { waiting: { reason: waiting } };
    return reading({
      applications: [application({ conditions, ...operation, ...sync1 }, { revision: wanted })],
      deployments: hasDeployment ? [deployment({ revision: wanted })] : [],
      replicaSets: sets.map((one) => replicaSet(one)),
      pods: sets.map(({ roll, ready, revision }) =>
        pod(ready > 0 ? READY_POD : { containerStatuses: [{ name: "api", state }] }, { roll, revision }),
      ),
      endpointSlices: [endpoints("api-route", isReachable)],
      unread: unread.map((resource) => ({ resource, reason: "forbidden" })),
    });
  });

describe("the status of any cluster", () => {
  it("never says failed without a cause, nor ready without a pod that is", () => {
    fc.assert(
      fc.property(anyReading, (objects) => {
        const { services, problems, settled } = clusterStatus(config, objects, NOW);
        const canary = services[0]?.canaries[0];
        if (canary === undefined) return;
        const isReadable = !objects.unread.some(({ resource }) => resource !== "endpointslices");
        if (isReadable && (canary.state === "failed" || canary.next?.state === "failed"))
          assert.ok(canary.failure !== undefined, JSON.stringify(canary));
        if (canary.failure !== undefined) assert.ok(problems.some(({ variant }) => variant === CANARY));
        const readyRevisions = objects.replicaSets
          .filter(({ status }) => status?.readyReplicas === 1)
          .map(({ spec }) => spec?.template?.spec?.containers?.[0]?.image?.slice(-12));
        if (isReadable && canary.state === "ready") assert.ok(readyRevisions.includes(canary.revision));
        if (settled) assert.ok(canary.next === undefined || ["ready", "failed"].includes(canary.next.state));
      }),
    );
  });
});
