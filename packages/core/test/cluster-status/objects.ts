import type {
  Application,
  ApplicationSet,
  ClusterReading,
  Deployment,
  EndpointSlice,
  Pod,
  ReplicaSet,
} from "@perch/core";

// Objects as a real cluster has them (Kubernetes 1.34, Argo CD 3.2), with the fields that a status reads.

/** When all of it is looked at: half a minute after it was made. */
export const NOW = Date.parse("2026-01-01T00:00:30Z");
export const MADE = "2026-01-01T00:00:00Z";
export const HEAD = "0123456789ab";
export const NEXT = "fedcba987654";
export const CANARY = "api-canary-pr-7";

export function image(revision = HEAD): string {
  return `ghcr.io/acme/api:pr-7-${revision}`;
}

export function application(
  status: Application["status"] = {},
  { name = CANARY, revision = HEAD, deleted = false } = {},
): Application {
  return {
    metadata: {
      name,
      namespace: "argocd",
      creationTimestamp: MADE,
      ...(deleted ? { deletionTimestamp: MADE } : {}),
    },
    spec: {
      source: {
        path: "services/api/deploy/base",
        ...(name === CANARY ? { kustomize: { images: [`api=${image(revision)}`] } } : {}),
      },
    },
    status: {
      sync: { status: "Synced" },
      health: { status: "Healthy", lastTransitionTime: MADE },
      operationState: { phase: "Succeeded", startedAt: MADE, finishedAt: MADE },
      ...status,
    },
  };
}

export function applicationSet(conditions: readonly object[] = []): ApplicationSet {
  return {
    metadata: { name: "canaries-acme-shop", namespace: "argocd", creationTimestamp: MADE },
    status: { conditions },
  } as ApplicationSet;
}

const container = (image: string) => ({
  name: "api",
  image,
  resources: { limits: { memory: "256Mi" } },
  readinessProbe: { httpGet: { path: "/readyz", port: "http" } },
});

export function deployment(
  { revision = HEAD, namespace = CANARY, replicas = 1, tag }: Partial<Made> = {},
  conditions: readonly object[] = [],
): Deployment {
  return {
    metadata: { name: "api", namespace, uid: `deployment of ${namespace}`, creationTimestamp: MADE },
    spec: { replicas, template: { spec: { containers: [container(tag ?? image(revision))] } } },
    status: { conditions },
  } as Deployment;
}

interface Made {
  readonly revision: string;
  readonly namespace: string;
  readonly replicas: number;
  readonly tag: string;
  /** Which roll of the Deployment. */
  readonly roll: number;
  readonly ready: number;
}

export function replicaSet(
  { revision = HEAD, namespace = CANARY, roll = 1, ready = 0, tag }: Partial<Made> = {},
  conditions: readonly object[] = [],
): ReplicaSet {
  return {
    metadata: {
      name: `api-${roll}`,
      namespace,
      uid: `replicaset ${roll} of ${namespace}`,
      creationTimestamp: MADE,
      annotations: { "deployment.kubernetes.io/revision": String(roll) },
      ownerReferences: [{ uid: `deployment of ${namespace}` }],
    },
    spec: { replicas: 1, template: { spec: { containers: [container(tag ?? image(revision))] } } },
    status: { readyReplicas: ready, conditions },
  } as ReplicaSet;
}

type PodStatus = NonNullable<Pod["status"]>;

export function pod(
  status: PodStatus,
  { revision = HEAD, namespace = CANARY, roll = 1 }: Partial<Made> = {},
): Pod {
  return {
    metadata: {
      name: `api-${roll}-x`,
      namespace,
      creationTimestamp: MADE,
      ownerReferences: [{ uid: `replicaset ${roll} of ${namespace}` }],
    },
    spec: { containers: [container(image(revision))] },
    status,
  };
}

export const READY_POD: PodStatus = {
  phase: "Running",
  conditions: [{ type: "Ready", status: "True", lastTransitionTime: MADE }],
  containerStatuses: [{ name: "api", ready: true, restartCount: 0, state: { running: { startedAt: MADE } } }],
};

export function endpoints(service: string, ready: boolean, namespace = CANARY): EndpointSlice {
  return {
    metadata: { name: `${service}-x`, namespace, labels: { "kubernetes.io/service-name": service } },
    endpoints: [{ conditions: { ready } }],
  };
}

/** A canary of api, PR 7, that serves at HEAD, but for what is given. */
export function reading(change: Partial<ClusterReading> = {}): ClusterReading {
  return {
    applications: [application(), application({}, { name: `${CANARY}-platform` })],
    applicationSets: [applicationSet()],
    deployments: [deployment()],
    replicaSets: [replicaSet({ ready: 1 })],
    pods: [pod(READY_POD)],
    events: [],
    endpointSlices: [endpoints("api-route", true)],
    unread: [],
    ...change,
  };
}
