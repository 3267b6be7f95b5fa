import { CANARY_LABEL } from "../names.ts";
import type { Described, KubernetesObject } from "../object.ts";
import { gitUrl, type Project, repositoriesOf } from "../project.ts";

/** Which AppProject an Application belongs to. */
export type Part = "workload" | "platform" | "stable" | "common" | "root";

export function appProjectName({ project }: Project, part: Part): string {
  return part === "workload" || part === "platform" ? `${project}-canary-${part}` : `${project}-${part}`;
}

/** Namespaces of Argo CD and of the cluster that it runs in. */
export const ARGOCD_NAMESPACE = "argocd";
export const SERVER = "https://kubernetes.default.svc";

const kinds = (group: string, ...names: string[]) => names.map((kind) => ({ group, kind }));

/** What a pull request may have. */
export const WORKLOAD_KINDS = [
  ...kinds("", "Service", "ConfigMap"),
  ...kinds("apps", "Deployment"),
  ...kinds("autoscaling", "HorizontalPodAutoscaler"),
  ...kinds("policy", "PodDisruptionBudget"),
];

/** Kinds that a project's mesh adds. */
const MESH_KINDS = {
  linkerd: {
    stable: kinds("gateway.networking.k8s.io", "GRPCRoute", "HTTPRoute"),
    platform: kinds("gateway.networking.k8s.io", "GRPCRoute", "HTTPRoute", "ReferenceGrant"),
    common: [],
    commonOfCluster: [],
  },
  none: {
    stable: [],
    platform: [],
    common: [
      ...kinds("", "ServiceAccount"),
      ...kinds("apps", "Deployment"),
      ...kinds("policy", "PodDisruptionBudget"),
      ...kinds("traefik.io", "ServersTransport"),
    ],
    commonOfCluster: kinds("rbac.authorization.k8s.io", "ClusterRole", "ClusterRoleBinding"),
  },
} as const;

const PLATFORM_KINDS = [
  ...kinds("", "ResourceQuota", "LimitRange", "ServiceAccount", "Service"),
  ...kinds("networking.k8s.io", "NetworkPolicy"),
  ...kinds("external-secrets.io", "ExternalSecret"),
  ...kinds("traefik.io", "IngressRoute", "Middleware"),
  // Of who may restart pods. Also where nobody may: Argo CD deletes no object of a kind that is not allowed, so a right that is withdrawn
  // from perch.yaml would stay.
  ...kinds("rbac.authorization.k8s.io", "Role", "RoleBinding"),
];

const STABLE_KINDS = [
  ...WORKLOAD_KINDS,
  ...kinds("", "ServiceAccount"),
  ...kinds("external-secrets.io", "ExternalSecret"),
  ...kinds("traefik.io", "IngressRoute"),
];

const COMMON_KINDS = [...kinds("", "Service"), ...kinds("traefik.io", "IngressRoute")];

/** Who may put what where. Rights of people: `roles`, which a team binds to its own groups. */
export function appProjects(project: Project): Described[] {
  return [...canaryProjects(project), ...stableProjects(project), rootProject(project)];
}

function canaryProjects(project: Project): Described[] {
  const namespaces = [...project.services.keys()].map((service) => `${service}-canary-pr-*`);
  return [
    {
      object: appProject(project, "workload", {
        description:
          "What a pull request can change: these kinds, in canary namespaces, nothing of the cluster.",
        sourceRepos: repositoriesOf(project).map((repo) => gitUrl(project, repo)),
        destinations: namespaces,
        clusterKinds: [],
        namespaceKinds: WORKLOAD_KINDS,
      }),
      why: `A pull request's own manifests. The Namespaces that it reaches have the label ${CANARY_LABEL}, where policies hold the rest.`,
    },
    {
      object: appProject(project, "platform", {
        description: "What of a canary only the environment repository can change.",
        sourceRepos: [environment(project)],
        destinations: [...namespaces, project.cluster.namespace],
        clusterKinds: kinds("", "Namespace"),
        namespaceKinds: [...PLATFORM_KINDS, ...MESH_KINDS[project.mesh].platform],
      }),
    },
  ];
}

function stableProjects(project: Project): Described[] {
  const more = MESH_KINDS[project.mesh];
  const place = { sourceRepos: [environment(project)], destinations: [project.cluster.namespace] };
  return [
    {
      object: appProject(project, "stable", {
        ...place,
        description: "Stable's services.",
        clusterKinds: [],
        namespaceKinds: [...STABLE_KINDS, ...more.stable],
      }),
      why: "Its overlays take in the services' own bases, so it may have nothing of the cluster.",
    },
    {
      object: appProject(project, "common", {
        ...place,
        description: "What stable has once for the project.",
        clusterKinds: [...kinds("", "Namespace"), ...more.commonOfCluster],
        namespaceKinds: [...COMMON_KINDS, ...more.common],
      }),
    },
  ];
}

function rootProject(project: Project): Described {
  const policies = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
  return {
    object: appProject(project, "root", {
      description: "This folder itself, and the admission policies.",
      sourceRepos: [environment(project)],
      destinations: [ARGOCD_NAMESPACE],
      clusterKinds: kinds("admissionregistration.k8s.io", ...policies),
      namespaceKinds: kinds("argoproj.io", "AppProject", "Application", "ApplicationSet"),
    }),
    why: "Who can change the environment repository can change all of this: protect its branch.",
  };
}

function environment(project: Project): string {
  return gitUrl(project, project.cluster.environmentRepo);
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
