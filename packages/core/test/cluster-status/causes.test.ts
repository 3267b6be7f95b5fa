import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClusterReading, InstanceState, Pod } from "@perch/core";
import { canaryOf, NO_NAMESPACE, NOTHING, notReady, unready, unsynced, waiting } from "./canary.ts";
import { application, CANARY, deployment, endpoints, MADE, NOW, pod, replicaSet } from "./objects.ts";

function refused(message: string): Partial<ClusterReading> {
  const failure = {
    type: "ReplicaFailure",
    status: "True",
    reason: "FailedCreate",
    lastTransitionTime: MADE,
  };
  return { replicaSets: [replicaSet({}, [{ ...failure, message }])], pods: [] };
}

/** A container that ended, and waits or runs again. */
function ended(terminated: object, state: object): Pod {
  const status = { name: "api", ready: false, restartCount: 3, state, lastState: { terminated } };
  return pod({ phase: "Running", containerStatuses: [status] });
}

const UNBUILDABLE =
  "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = `kustomize build <path to cached source>/services/api/deploy/base` failed exit status 1: Error: invalid Kustomization: error converting YAML to JSON: yaml: line 9: did not find expected node content";
const POD_SECURITY =
  'pods "api-5d8f9c6b7-x" is forbidden: violates PodSecurity "restricted:latest": privileged (container "api" must not set securityContext.privileged=true)';
const QUOTA =
  'pods "api-5d8f9c6b7-x" is forbidden: exceeded quota: canary, requested: limits.memory=4Gi, used: limits.memory=0, limited: limits.memory=2Gi';
const NO_ACCOUNT =
  'pods "api-5d8f9c6b7-" is forbidden: error looking up service account api-canary-pr-7/canary: serviceaccount "canary" not found';
const PULL =
  'Back-off pulling image "ghcr.io/acme/api:pr-7-0123456789ab": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image';
const POLICY =
  "ValidatingAdmissionPolicy 'canary-images' with binding 'canary-images' denied request: images come from ghcr.io/acme";
const UNSCHEDULABLE = "0/2 nodes are available: 2 Insufficient cpu.";

interface Case {
  readonly what: string;
  readonly objects: Partial<ClusterReading>;
  readonly now?: number;
  readonly state: InstanceState;
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
  /** Who can mend it; absent: the pull request's author. */
  readonly fault?: string;
}

const CASES: readonly Case[] = [
  {
    what: "a kustomization that does not build",
    objects: {
      ...NOTHING,
      applications: [
        application({
          sync: { status: "Unknown" },
          conditions: [{ type: "ComparisonError", message: UNBUILDABLE, lastTransitionTime: MADE }],
        }),
      ],
    },
    state: "failed",
    code: "MANIFESTS_INVALID",
    message: /manifests of api-canary-pr-7: `kustomize build .* yaml: line 9/,
    hint: /kubectl kustomize services\/api\/deploy\/base/,
  },
  {
    what: "an object that an admission policy refuses",
    objects: {
      ...NOTHING,
      ...unsynced({
        operationState: {
          phase: "Failed",
          message: "one or more objects failed to apply",
          finishedAt: MADE,
          syncResult: {
            resources: [
              { kind: "Service", name: "api", status: "Synced", message: "created" },
              { kind: "Deployment", name: "api", status: "SyncFailed", message: POLICY },
            ],
          },
        },
      }),
    },
    state: "failed",
    code: "SYNC_FAILED",
    message: /api-canary-pr-7 holds: Deployment\/api: ValidatingAdmissionPolicy 'canary-images'/,
    hint: /^An admission policy of manifests\/platform\/perch refuses it/,
  },
  {
    what: "an object that the AppProject does not allow",
    objects: {
      ...NOTHING,
      ...unsynced({
        operationState: {
          phase: "Failed",
          message:
            "one or more synchronization tasks are not valid: resource :ClusterRole is not permitted in project shop-canary-workload",
        },
      }),
    },
    state: "failed",
    code: "SYNC_FAILED",
    message: /ClusterRole is not permitted in project/,
    hint: /^The AppProject allows only what a canary needs/,
  },
  {
    what: "a sync that was tried many times and still is",
    objects: {
      ...NOTHING,
      ...unsynced({
        operationState: { phase: "Running", retryCount: 5, message: NO_NAMESPACE, startedAt: MADE },
      }),
    },
    state: "failed",
    code: "SYNC_FAILED",
    message: /namespaces "api-canary-pr-7" not found/,
    hint: /describe application api-canary-pr-7/,
  },
  {
    what: "pods that Pod Security refuses",
    objects: refused(POD_SECURITY),
    state: "failed",
    code: "PODS_REFUSED",
    message: /refuses pods of api-canary-pr-7: .*violates PodSecurity .*privileged=true/,
    hint: /Pod Security of the namespace/,
  },
  {
    what: "pods for which the quota has no room",
    objects: refused(QUOTA),
    state: "failed",
    code: "PODS_REFUSED",
    message: /exceeded quota: canary/,
    hint: /canary\.quota/,
  },
  {
    what: "pods without their ServiceAccount",
    objects: refused(NO_ACCOUNT),
    state: "failed",
    code: "PODS_REFUSED",
    message: /serviceaccount "canary" not found/,
    hint: /describe application api-canary-pr-7-platform/,
    fault: "environment",
  },
  {
    what: "an image that the registry does not have",
    objects: notReady(waiting("ImagePullBackOff", PULL)),
    state: "failed",
    code: "IMAGE_PULL_FAILED",
    message: /The image ghcr\.io\/acme\/api:pr-7-0123456789ab of api-canary-pr-7 cannot be pulled: Back-off/,
    hint: /pull request's checks.*perch ci refresh --restart/,
  },
  {
    what: "a Secret that is not there",
    objects: notReady(waiting("CreateContainerConfigError", 'secret "api-secrets" not found')),
    state: "failed",
    code: "START_FAILED",
    message: /CreateContainerConfigError: secret "api-secrets" not found/,
    hint: /get externalsecrets,secrets/,
  },
  {
    what: "a process that ends again and again",
    objects: notReady(
      ended(
        { exitCode: 3, reason: "Error", message: "\nlistening failed\nbye\n", finishedAt: MADE },
        { waiting: { reason: "CrashLoopBackOff", message: "back-off 40s restarting failed container" } },
      ),
    ),
    state: "failed",
    code: "EXITED",
    message: /Container api of api-canary-pr-7 ended with exit code 3, and was started again 3×/,
    hint: /logs api-1-x -c api --previous/,
  },
  {
    what: "a process that was started again after it ended",
    objects: notReady(
      ended({ exitCode: 1, reason: "Error", finishedAt: MADE }, { running: { startedAt: MADE } }),
    ),
    state: "starting",
    code: "EXITED",
    message: /exit code 1/,
    hint: /--previous/,
  },
  {
    what: "a process that needs more memory than it may have",
    objects: notReady(
      ended(
        { exitCode: 137, reason: "OOMKilled", finishedAt: MADE },
        { waiting: { reason: "CrashLoopBackOff" } },
      ),
    ),
    state: "failed",
    code: "EXITED",
    message: /more memory than its limit of 256Mi \(OOMKilled\)/,
    hint: /raise its limit/,
  },
  {
    what: "a pod that no node takes",
    objects: notReady(
      pod({
        phase: "Pending",
        conditions: [
          { type: "PodScheduled", status: "False", reason: "Unschedulable", message: UNSCHEDULABLE },
        ],
      }),
    ),
    state: "failed",
    code: "START_FAILED",
    message: /No node takes a pod of api-canary-pr-7: 0\/2 nodes/,
    hint: /describe nodes/,
    fault: "environment",
  },
  {
    what: "a probe that does not succeed for longer than a start may take",
    objects: notReady(unready()),
    now: NOW + 60_000,
    state: "failed",
    code: "START_TIMEOUT",
    message: /readiness probe does not succeed: api \(GET \/readyz on port http\)/,
    hint: /logs deployment\/api/,
  },
  {
    what: "a Deployment past its deadline",
    objects: {
      ...notReady(unready()),
      deployments: [
        deployment({}, [
          { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "timed out" },
        ]),
      ],
    },
    now: NOW + 700_000,
    state: "failed",
    code: "START_TIMEOUT",
    message: /\(ProgressDeadlineExceeded\)/,
    hint: /describe pods/,
  },
  {
    what: "a Deployment that somebody scaled to nothing",
    objects: { deployments: [deployment({ replicas: 0 })], replicaSets: [replicaSet()], pods: [] },
    state: "failed",
    code: "START_FAILED",
    message: /has 0 replicas/,
    hint: /--replicas=1/,
    fault: "user",
  },
  {
    what: "manifests without the Deployment",
    objects: NOTHING,
    state: "failed",
    code: "MANIFESTS_INVALID",
    message: /have no Deployment api/,
    hint: /perch init --kubernetes/,
  },
  {
    what: "pods that are ready, and not behind the Service",
    objects: { endpointSlices: [endpoints("api-route", false), endpoints("api", true)] },
    state: "failed",
    code: "NO_ENDPOINTS",
    message: /no request reaches them/,
    hint: /--show-labels/,
  },
  {
    what: "routes that cannot be made, before pods that are ready",
    objects: {
      applications: [
        application(),
        application(
          {
            sync: { status: "OutOfSync" },
            operationState: { phase: "Error", message: "the server could not find ingressroutes" },
          },
          { name: `${CANARY}-platform` },
        ),
      ],
    },
    state: "ready",
    code: "SYNC_FAILED",
    message: /could not find ingressroutes/,
    hint: /describe application api-canary-pr-7/,
  },
];

describe("why a canary in a cluster does not serve", () => {
  for (const { what, objects, now, state, code, message, hint, fault = "pull-request" } of CASES) {
    it(`${what}: ${code}`, () => {
      const { canary, status } = canaryOf(objects, now);
      assert.equal(canary.state, state);
      assert.equal(canary.failure?.code, code, JSON.stringify(canary));
      assert.match(canary.failure.message, message);
      assert.match(canary.failure.hint, hint);
      assert.equal(canary.failure.fault, fault);
      assert.deepEqual(
        status.problems.filter(({ variant }) => variant === CANARY).map((problem) => problem.code),
        [code],
      );
    });
  }

  it("is the last refusal of pods, where the condition still has the first", () => {
    const event = (message: string, lastTimestamp: string) => ({
      metadata: { name: message, namespace: CANARY },
      involvedObject: { uid: `replicaset 1 of ${CANARY}` },
      message,
      lastTimestamp,
    });
    const events = [event(NO_ACCOUNT, MADE), event(POD_SECURITY, "2026-01-01T00:00:05Z")];
    const { canary } = canaryOf({ ...refused(NO_ACCOUNT), events });
    assert.match(canary.failure?.message ?? "", /violates PodSecurity/);
  });

  it("has the last words of a process that leaves some", () => {
    const said = { exitCode: 3, message: "\nlistening failed\nbye\n" };
    const { canary } = canaryOf(notReady(ended(said, { waiting: { reason: "CrashLoopBackOff" } })));
    assert.deepEqual(canary.failure?.logTail, ["listening failed", "bye"]);
  });

  it("is one line, however long what a controller says is", () => {
    const { canary } = canaryOf(refused(`${"a long story\n".repeat(1000)}`));
    const message = canary.failure?.message ?? "";
    assert.ok(message.length < 800 && !message.includes("\n"));
  });
});
