import { CANARY_LABEL } from "../names.ts";
import type { Described, KubernetesObject } from "../object.ts";
import { gitUrl, type Project, repositoriesOf } from "../project.ts";

/** Which AppProject an Application belongs to. */
export type Part = "workload" | "platform" | "stable";

export function appProjectName({ project }: Project, part: Part): string {
  return part === "stable" ? `${project}-stable` : `${project}-canary-${part}`;
}

/** Namespaces of Argo CD and of the cluster that it runs in. */
export const ARGOCD_NAMESPACE = "argocd";
export const SERVER = "https://kubernetes.default.svc";
const CANARY_NAMESPACES = "*-canary-pr-*";

const kinds = (group: string, ...names: string[]) => names.map((kind) => ({ group, kind }));

const WORKLOAD_KINDS = [
  ...kinds("", "Service", "ConfigMap"),
  ...kinds("apps", "Deployment"),
  ...kinds("autoscaling", "HorizontalPodAutoscaler"),
  ...kinds("policy", "PodDisruptionBudget"),
];

const ROUTE_KINDS = [
  ...kinds("traefik.io", "IngressRoute", "Middleware"),
  ...kinds("gateway.networking.k8s.io", "GRPCRoute", "HTTPRoute", "ReferenceGrant"),
];

const PLATFORM_KINDS = [
  ...kinds("", "ResourceQuota", "LimitRange", "ServiceAccount", "Service"),
  ...kinds("networking.k8s.io", "NetworkPolicy"),
  ...kinds("external-secrets.io", "ExternalSecret"),
  ...ROUTE_KINDS,
];

const STABLE_KINDS = [
  ...WORKLOAD_KINDS,
  ...kinds("", "ServiceAccount"),
  ...kinds("external-secrets.io", "ExternalSecret"),
  ...kinds("traefik.io", "ServersTransport"),
  ...ROUTE_KINDS,
];

/** Who may put what where. Rights of people: `roles`, which a team binds to its own groups. */
export function appProjects(project: Project): Described[] {
  const { cluster } = project;
  const environment = gitUrl(project, cluster.environmentRepo);
  const services = repositoriesOf(project).map((repo) => gitUrl(project, repo));
  return [
    {
      object: appProject(project, "workload", {
        description:
          "What a pull request can change: these kinds, in canary namespaces, nothing of the cluster.",
        sourceRepos: services,
        destinations: [CANARY_NAMESPACES],
        clusterKinds: [],
        namespaceKinds: WORKLOAD_KINDS,
      }),
      why: `A pull request's own manifests. The Namespaces that it reaches have the label ${CANARY_LABEL}, where policies hold the rest.`,
    },
    {
      object: appProject(project, "platform", {
        description: "What only the environment repository can change.",
        sourceRepos: [environment],
        destinations: [CANARY_NAMESPACES, cluster.namespace],
        clusterKinds: kinds("", "Namespace"),
        namespaceKinds: PLATFORM_KINDS,
      }),
    },
    {
      object: appProject(project, "stable", {
        description: "Stable, and what is there once for the project.",
        sourceRepos: [...new Set([environment, ...services])],
        destinations: [cluster.namespace],
        clusterKinds: [
          ...kinds("", "Namespace"),
          ...kinds("rbac.authorization.k8s.io", "ClusterRole", "ClusterRoleBinding"),
        ],
        namespaceKinds: STABLE_KINDS,
      }),
    },
  ];
}

interface Rights {
  readonly description: string;
  readonly sourceRepos: readonly string[];
  readonly destinations: readonly string[];
  readonly clusterKinds: readonly object[];
  readonly namespaceKinds: readonly object[];
}

function appProject(project: Project, part: Part, rights: Rights): KubernetesObject {
  const name = appProjectName(project, part);
  const allow = (role: string, action: string) =>
    `p, proj:${name}:${role}, applications, ${action}, ${name}/*, allow`;
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "AppProject",
    metadata: { name, namespace: ARGOCD_NAMESPACE },
    spec: {
      description: rights.description,
      sourceRepos: rights.sourceRepos,
      destinations: rights.destinations.map((namespace) => ({ server: SERVER, namespace })),
      clusterResourceWhitelist: rights.clusterKinds,
      namespaceResourceWhitelist: rights.namespaceKinds,
      roles: [
        { name: "viewer", description: "Sees it.", policies: [allow("viewer", "get")] },
        {
          name: "operator",
          description: "Sees it, and syncs it.",
          policies: [allow("operator", "get"), allow("operator", "sync")],
        },
      ],
    },
  };
}
