import { ARGOCD_NAMESPACE, WORKLOAD_KINDS } from "../apps/projects.ts";
import { routeService } from "../names.ts";
import { celList, NOT_DELETED, type Policy } from "./policy.ts";

/** Annotations and labels by which what is installed in many clusters reads routes, names, roles or copies from any Namespace. */
const READ_BY_OTHERS = [
  "external-dns.alpha.kubernetes.io/",
  "getambassador.io/",
  "konghq.com/",
  "tailscale.com/",
  "consul.hashicorp.com/",
  "mirror.linkerd.io/",
  "service.beta.kubernetes.io/",
  "replicator.v1.mittwald.de/",
  "reflector.v1.k8s.emberstack.com/",
  "grafana_",
  "ad.datadoghq.com/",
];

/** What Argo CD itself sets, and takes away where it has nothing to say: the second where its settings have an `installationID`. */
const SET_BY_ARGOCD = ["argocd.argoproj.io/tracking-id", "argocd.argoproj.io/installation-id"];

/** `group/Kind`, as a request names it. */
const WORKLOAD = WORKLOAD_KINDS.map(({ group, kind }) => `${group}/${kind}`);

/** Argo CD's own service accounts, for the two Applications of this Namespace only, and each for its own kinds. */
export const owner: Policy = {
  name: "perch-canary-owner",
  why: `A pull request's kustomization can move its objects into another canary's Namespace: transformers run after the Application's
own, a file .argocd-source.yaml replaces those altogether, and AppProjects allow every canary's. Argo CD sets the tracking id
after all that. Its default, tracking by annotation, is needed. Hooks, waves and options would let a pull request hold up its
own pushes and its removal.`,
  resources: [
    { group: "*", resources: ["*"], scope: "Namespaced" },
    { group: "", resources: ["namespaces"] },
  ],
  matchConditions: [
    {
      name: "by-argocd",
      expression: `'system:serviceaccounts:${ARGOCD_NAMESPACE}' in request.userInfo.groups`,
    },
    NOT_DELETED,
  ],
  variables: [
    {
      name: "place",
      expression: "request.kind.kind == 'Namespace' ? object.metadata.name : request.namespace",
    },
    { name: "annotations", expression: "object.metadata.?annotations.orValue({})" },
    {
      name: "owner",
      expression: "variables.annotations[?'argocd.argoproj.io/tracking-id'].orValue('').split(':')[0]",
    },
    { name: "isPlatform", expression: "variables.owner == variables.place + '-platform'" },
    {
      name: "keys",
      expression: "variables.annotations.map(k, k) + object.metadata.?labels.orValue({}).map(k, k)",
    },
  ],
  validations: [
    {
      expression: "variables.isPlatform || variables.owner == variables.place",
      messageExpression: "'the Application ' + variables.owner + ' may not write into ' + variables.place",
    },
    {
      expression: `variables.isPlatform || request.kind.group + '/' + request.kind.kind in ${celList(WORKLOAD)}`,
      messageExpression: "'a pull request may not have a ' + request.kind.kind",
    },
    {
      expression: `variables.isPlatform || request.kind.kind != 'Service' || object.metadata.name != variables.place.split('-canary-pr-')[0] + '${routeService("")}'`,
      message: "the Service that routes point at belongs to the environment's repository",
    },
    {
      expression: `!variables.annotations.exists(a, !(a in ${celList(SET_BY_ARGOCD)}) && (a.startsWith('argocd.argoproj.io/') || a.startsWith('helm.sh/hook')))`,
      message: "a canary's manifests use no Argo CD hooks, waves or options",
    },
    {
      expression: `!variables.keys.exists(k, ${celList(READ_BY_OTHERS)}.exists(p, k.startsWith(p)))`,
      message: "a canary's manifests have no annotations or labels that are read from other namespaces",
    },
    {
      expression:
        "object.metadata.?finalizers.orValue([]).all(f, f in ['foregroundDeletion', 'orphan']) && object.metadata.?ownerReferences.orValue([]).size() == 0",
      message: "a canary's manifests have no finalizers and no owners",
    },
  ],
};
