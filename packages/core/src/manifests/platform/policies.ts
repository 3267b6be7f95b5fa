import { PART_LABEL } from "../names.ts";
import type { Project } from "../project.ts";
import { owner } from "./owner-policy.ts";
import { podPolicies } from "./pod-policies.ts";
import type { Policy } from "./policy.ts";

/** What an AppProject cannot hold. Each policy has its own kinds, so that its expressions know their fields. */
export function policies(project: Project): Policy[] {
  return [routes, services, budgets, ...podPolicies(project), owner, finalizers];
}

/** Groups whose objects lead traffic somewhere, of whatever is installed. */
const ROUTING_GROUPS = [
  "traefik.io",
  "traefik.containo.us",
  "gateway.networking.k8s.io",
  "gateway.networking.x-k8s.io",
  "policy.linkerd.io",
  "linkerd.io",
  "multicluster.linkerd.io",
  "multicluster.x-k8s.io",
  "networking.istio.io",
  "projectcontour.io",
  "getambassador.io",
  "configuration.konghq.com",
  "gateway.envoyproxy.io",
  "k8s.nginx.org",
  "externaldns.k8s.io",
  "cilium.io",
];

const routes: Policy = {
  name: "perch-canary-routes",
  why: `Routes live beside stable; in a canary's Namespace they could only take traffic that is not theirs. One exception: the grant
that the platform part itself puts there.`,
  resources: [
    ...ROUTING_GROUPS.map((group) => ({ group, resources: ["*"], scope: "Namespaced" as const })),
    { group: "networking.k8s.io", resources: ["ingresses"] },
  ],
  validations: [
    {
      expression: "object.kind == 'ReferenceGrant'",
      message: "routes live beside stable, not in a canary's namespace",
    },
  ],
};

const services: Policy = {
  name: "perch-canary-services",
  why: "A Service that leads out of the Namespace, or into it from outside the cluster.",
  resources: [{ group: "", resources: ["services"] }],
  validations: [
    {
      expression: "object.spec.?type.orValue('ClusterIP') == 'ClusterIP'",
      messageExpression: "'a Service of a canary is of type ClusterIP, not ' + object.spec.type",
    },
    {
      expression: "object.spec.?externalIPs.orValue([]).size() == 0",
      message: "a Service of a canary has no externalIPs",
    },
  ],
};

const budgets: Policy = {
  name: "perch-canary-budgets",
  why: `A budget that allows no disruption would hold up the drain of a node for as long as the pull request is open. So would one
whose pods never get ready, and a second one for the same pods: the quota has room for one.`,
  resources: [{ group: "policy", resources: ["poddisruptionbudgets"] }],
  validations: [
    {
      expression:
        "!has(object.spec.minAvailable) && has(object.spec.maxUnavailable) && !string(object.spec.maxUnavailable).matches('^0+%?$')",
      message: "a PodDisruptionBudget of a canary has maxUnavailable of 1 or more, and no minAvailable",
    },
    {
      expression: "object.spec.?unhealthyPodEvictionPolicy.orValue('') == 'AlwaysAllow'",
      message: "a PodDisruptionBudget of a canary has unhealthyPodEvictionPolicy: AlwaysAllow",
    },
  ],
};

const finalizers: Policy = {
  name: "perch-canary-finalizers",
  why: `A PostDelete hook in a pull request makes Argo CD add a finalizer to the Application; the hook can then never run, and the
Application would stay for ever.`,
  selector: { objectSelector: { matchLabels: { [PART_LABEL]: "workload" } } },
  resources: [{ group: "argoproj.io", resources: ["applications"] }],
  validations: [
    {
      expression:
        "object.metadata.?finalizers.orValue([]).all(f, f.startsWith('resources-finalizer.argocd.argoproj.io') || f == 'foregroundDeletion')",
      message: "a canary's manifests use no PostDelete or PreDelete hooks",
    },
  ],
};
