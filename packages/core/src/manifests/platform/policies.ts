import { ARGOCD_NAMESPACE } from "../apps/projects.ts";
import { CANARY_SERVICE_ACCOUNT, PART_LABEL } from "../names.ts";
import type { Project } from "../project.ts";
import type { Policy, Validation } from "./policy.ts";

/** What an AppProject cannot hold. Each policy has its own kinds, so that its expressions know their fields. */
export function policies(project: Project): Policy[] {
  return [routes, services, pods(project), templates(project), owner, finalizers];
}

const routes: Policy = {
  name: "perch-canary-routes",
  why: "Routes live beside stable; in a canary's Namespace they could only take traffic that is not theirs. One exception: the grant\nthat the platform part itself puts there.",
  resources: [
    ...["traefik.io", "gateway.networking.k8s.io", "policy.linkerd.io", "linkerd.io"].map(all),
    ...["networking.istio.io", "projectcontour.io"].map(all),
    { group: "networking.k8s.io", resources: ["ingresses"] },
  ],
  validations: [
    {
      expression: "object.kind == 'ReferenceGrant'",
      message: "routes live beside stable, not in a canary's namespace",
    },
  ],
};

function all(group: string) {
  return { group, resources: ["*"] };
}

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

/** The last word, whoever makes the pod. */
function pods(project: Project): Policy {
  return {
    name: "perch-canary-pods",
    why: "Pods: the last word. Templates are checked too, so that the sync itself says what is wrong.",
    resources: [{ group: "", resources: ["pods", "pods/ephemeralcontainers"] }],
    variables: podVariables(project, "object.spec"),
    validations: podValidations,
  };
}

function templates(project: Project): Policy {
  return {
    name: "perch-canary-templates",
    why: "The same for what makes pods.",
    resources: [{ group: "apps", resources: ["deployments"] }],
    variables: podVariables(project, "object.spec.template.spec"),
    validations: podValidations,
  };
}

function podVariables({ registry, mesh }: Project, spec: string): object[] {
  // A mesh adds its proxy to pods.
  const registries = [`${registry}/`, ...(mesh === "linkerd" ? ["cr.l5d.io/linkerd/"] : [])];
  return [
    { name: "registries", expression: JSON.stringify(registries).replaceAll('"', "'") },
    { name: "pod", expression: spec },

    {
      name: "images",
      expression:
        "variables.pod.containers.map(c, c.image) + variables.pod.?initContainers.orValue([]).map(c, c.image) + variables.pod.?ephemeralContainers.orValue([]).map(c, c.image)",
    },
    {
      name: "strangers",
      expression: "variables.images.filter(i, !variables.registries.exists(r, i.startsWith(r)))",
    },
  ];
}

const podValidations: readonly Validation[] = [
  {
    expression: "variables.strangers.size() == 0",
    messageExpression:
      "'images of a canary come from ' + variables.registries.join(', ') + ': ' + variables.strangers.join(', ')",
  },
  {
    expression: `variables.pod.?serviceAccountName.orValue('') in ['', 'default', '${CANARY_SERVICE_ACCOUNT}']`,
    messageExpression: `'a canary runs as the service account ${CANARY_SERVICE_ACCOUNT}, not ' + variables.pod.serviceAccountName`,
  },
  {
    expression: "variables.pod.?priorityClassName.orValue('') == ''",
    message: "a canary has no priority over others",
  },
  {
    expression:
      "variables.pod.?nodeName.orValue('') == '' || variables.pod.nodeName == oldObject.?spec.?nodeName.orValue(variables.pod.nodeName)",
    message: "the scheduler chooses a canary's node",
  },
  {
    expression:
      "variables.pod.?tolerations.orValue([]).all(t, t.?key.orValue('') in ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable', 'node.kubernetes.io/memory-pressure'])",
    message: "a canary tolerates no taint of its own choice",
  },
];

/** Argo CD's own service account, for its two Applications of this Namespace only. */
const owner: Policy = {
  name: "perch-canary-owner",
  why: `A pull request's kustomization can move its objects into another canary's Namespace: transformers run after the Application's
own, and AppProjects allow every canary's. Argo CD sets the tracking id after that. Its default, tracking by annotation, is
needed. Hooks, waves and options would let a pull request hold up its own pushes and its removal.`,
  resources: [
    {
      group: "",
      resources: ["services", "configmaps", "serviceaccounts", "resourcequotas", "limitranges"],
    },
    { group: "apps", resources: ["deployments"] },
    { group: "autoscaling", resources: ["horizontalpodautoscalers"] },
    { group: "policy", resources: ["poddisruptionbudgets"] },
    { group: "networking.k8s.io", resources: ["networkpolicies"] },
    { group: "external-secrets.io", resources: ["externalsecrets"] },
  ],
  matchConditions: [
    {
      name: "by-argocd",
      expression: `request.userInfo.username == 'system:serviceaccount:${ARGOCD_NAMESPACE}:argocd-application-controller'`,
    },
  ],
  variables: [
    { name: "annotations", expression: "object.metadata.?annotations.orValue({})" },
    {
      name: "owner",
      expression: "variables.annotations[?'argocd.argoproj.io/tracking-id'].orValue('').split(':')[0]",
    },
  ],
  validations: [
    {
      expression: "variables.owner in [request.namespace, request.namespace + '-platform']",
      messageExpression: "'the Application ' + variables.owner + ' may not write into ' + request.namespace",
    },
    {
      expression:
        "!variables.annotations.exists(a, a != 'argocd.argoproj.io/tracking-id' && (a.startsWith('argocd.argoproj.io/') || a.startsWith('helm.sh/hook')))",
      message: "a canary's manifests use no Argo CD hooks, waves or options",
    },
    {
      expression: "object.metadata.?finalizers.orValue([]).size() == 0",
      message: "a canary's manifests have no finalizers",
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
