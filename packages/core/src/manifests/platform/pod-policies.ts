import { CANARY_SERVICE_ACCOUNT, PR_LABEL, SERVICE_LABEL } from "../names.ts";
import type { Project } from "../project.ts";
import { POD_SECURITY_RULES, POD_SECURITY_VARIABLES } from "./pod-security.ts";
import { celList, type NamedExpression, NOT_DELETED, type Policy, type Validation } from "./policy.ts";

/** Seconds that a pod may take to end. Without a limit a pod could outlive its closed pull request, and its Namespace with it. */
const LONGEST_END = 300;

/** What Linkerd adds to pods: where its images are from, and whom its tokens are for. */
const LINKERD = { registry: "cr.l5d.io/linkerd/", audience: "identity.l5d.io" };

/** Pods, whoever makes them, and the Deployments that make them: those too, so that the sync itself says what is wrong. */
export function podPolicies(project: Project): Policy[] {
  return [
    {
      name: "perch-canary-pods",
      why: "Pods: the last word. Pod Security (restricted, on the Namespace) holds privileges, host access and users.",
      resources: [{ group: "", resources: ["pods", "pods/ephemeralcontainers"] }],
      matchConditions: [NOT_DELETED],
      variables: variables(project, "object"),
      validations: podRules(project),
    },
    {
      name: "perch-canary-templates",
      why: `The same for what makes pods, with all that Pod Security refuses of those; and what of a pod the cluster itself may set later:
its priority, its node, the taints that it tolerates.`,
      resources: [{ group: "apps", resources: ["deployments"] }],
      matchConditions: [NOT_DELETED],
      variables: [...variables(project, "object.spec.template"), ...POD_SECURITY_VARIABLES],
      validations: [...POD_SECURITY_RULES, ...podRules(project), ...TEMPLATE_RULES],
    },
  ];
}

function variables({ registry, mesh, cluster }: Project, pod: string): NamedExpression[] {
  const isMeshed = mesh === "linkerd";
  return [
    {
      name: "registries",
      expression: celList([`${registry}/`, ...(isMeshed ? [LINKERD.registry] : [])]),
    },
    { name: "audiences", expression: celList(isMeshed ? [LINKERD.audience] : []) },
    { name: "meta", expression: `${pod}.metadata` },
    { name: "pod", expression: `${pod}.spec` },
    {
      name: "own",
      expression: "request.namespace.split('-canary-pr-')",
    },
    {
      name: "images",
      expression:
        "variables.pod.containers.map(c, c.image) + variables.pod.?initContainers.orValue([]).map(c, c.image) + variables.pod.?ephemeralContainers.orValue([]).map(c, c.image)",
    },
    {
      name: "strangers",
      expression: "variables.images.filter(i, !variables.registries.exists(r, i.startsWith(r)))",
    },
    {
      name: "resources",
      expression:
        "(variables.pod.containers.map(c, c.?resources) + variables.pod.?initContainers.orValue([]).map(c, c.?resources)).map(r, r.?limits.orValue({}).map(k, k) + r.?requests.orValue({}).map(k, k))",
    },
    { name: "volumes", expression: "variables.pod.?volumes.orValue([])" },
    {
      name: "tokens",
      expression:
        "variables.volumes.filter(v, has(v.projected) && v.projected.?sources.orValue([]).exists(s, has(s.serviceAccountToken) && !(s.serviceAccountToken.?audience.orValue('') in variables.audiences)))",
    },
    { name: "neighbours", expression: NEIGHBOURS },
    ...(cluster.imagePullSecret === undefined ? [] : [pullSecretUses(cluster.imagePullSecret)]),
  ];
}

/** Every term by which a pod wants to be near others, or away from them. */
const NEIGHBOURS = ["podAffinity", "podAntiAffinity"]
  .flatMap((kind) => {
    const terms = (when: string) =>
      `variables.pod.?affinity.?${kind}.?${when}DuringSchedulingIgnoredDuringExecution.orValue([])`;
    return [terms("required"), `${terms("preferred")}.map(p, p.podAffinityTerm)`];
  })
  .join(" + ");

/** A kubelet's own requests come from its node, past every NetworkPolicy. */
const PROBES_ELSEWHERE = ["containers", "?initContainers.orValue([])"]
  .map((containers) => {
    const isHere = "h.?httpGet.?host.orValue('') == '' && h.?tcpSocket.?host.orValue('') == ''";
    const probes = `[c.?livenessProbe, c.?readinessProbe, c.?startupProbe].all(h, ${isHere})`;
    const hooks = `[c.?lifecycle.?postStart, c.?lifecycle.?preStop].all(h, ${isHere})`;
    return `variables.pod.${containers}.all(c, ${probes} && ${hooks})`;
  })
  .join(" && ");

/** Every way in which a container reads a Secret. */
function pullSecretUses(secret: string): NamedExpression {
  const name = `'${secret}'`;
  const inContainer = `c.?env.orValue([]).exists(e, e.?valueFrom.?secretKeyRef.?name.orValue('') == ${name}) || c.?envFrom.orValue([]).exists(e, e.?secretRef.?name.orValue('') == ${name})`;
  return {
    name: "readsPullSecret",
    expression: [
      `variables.pod.containers.exists(c, ${inContainer})`,
      `variables.pod.?initContainers.orValue([]).exists(c, ${inContainer})`,
      `variables.volumes.exists(v, v.?secret.?secretName.orValue('') == ${name} || v.?projected.?sources.orValue([]).exists(s, s.?secret.?name.orValue('') == ${name}))`,
    ].join(" || "),
  };
}

function podRules({ cluster }: Project): Validation[] {
  const pullSecret: Validation = {
    expression: "!variables.readsPullSecret",
    message: "a canary's containers do not read the registry's credentials",
  };
  return [...POD_RULES, ...(cluster.imagePullSecret === undefined ? [] : [pullSecret])];
}

const POD_RULES: readonly Validation[] = [
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
    // An allow-list: an image, a driver or a claim can be a volume too.
    expression:
      "variables.volumes.all(v, has(v.configMap) || has(v.emptyDir) || has(v.secret) || has(v.downwardAPI) || has(v.projected))",
    message: "volumes of a canary are configMap, emptyDir, secret, downwardAPI or projected",
  },
  {
    expression: "variables.tokens.size() == 0",
    message: "a canary gets no token of its service account; set automountServiceAccountToken: false",
  },
  {
    expression: "variables.resources.all(names, names.all(n, n in ['cpu', 'memory', 'ephemeral-storage']))",
    message: "a canary uses cpu, memory and ephemeral-storage, and no devices",
  },
  {
    expression: `variables.pod.?terminationGracePeriodSeconds.orValue(30) <= ${LONGEST_END}`,
    message: `a pod of a canary ends within ${LONGEST_END} seconds (terminationGracePeriodSeconds)`,
  },
  {
    expression: "variables.meta.?finalizers.orValue([]).all(f, f in ['foregroundDeletion', 'orphan'])",
    message: "a pod of a canary has no finalizers: its namespace could never go",
  },
  {
    expression: `variables.meta.?labels[?'${SERVICE_LABEL}'].orValue(variables.own[0]) == variables.own[0] && variables.meta.?labels[?'${PR_LABEL}'].orValue(variables.own[1]) == variables.own[1]`,
    message: "a pod of a canary says whose it is, and nobody else's",
  },
  {
    expression:
      "!variables.meta.?annotations.orValue({}).exists(a, a.startsWith('k8s.v1.cni.cncf.io/') || a.startsWith('cni.projectcalico.org/') || a.startsWith('vault.hashicorp.com/') || a == 'iam.amazonaws.com/role')",
    message: "a pod of a canary asks for no other network and no other identity by annotation",
  },
  {
    expression:
      "variables.meta.?annotations[?'cluster-autoscaler.kubernetes.io/safe-to-evict'].orValue('true') == 'true' && variables.meta.?annotations[?'karpenter.sh/do-not-disrupt'].orValue('false') == 'false'",
    message: "a pod of a canary does not keep its node from going",
  },
  {
    // The scheduler asks it both ways: a pod that must be away from others keeps those away from its node, or from all.
    expression:
      "variables.neighbours.all(t, t.?namespaces.orValue([]).size() == 0 && !has(t.namespaceSelector))",
    message: "a pod of a canary is near to or away from pods of its own namespace only (affinity)",
  },
  {
    // Pod Security says so too, from Kubernetes 1.34.
    expression: PROBES_ELSEWHERE,
    message: "probes and hooks of a canary ask its own pod, and name no host",
  },
];

const TEMPLATE_RULES: readonly Validation[] = [
  {
    expression: "variables.pod.?automountServiceAccountToken.orValue(false) == false",
    message: "a canary gets no token of its service account; set automountServiceAccountToken: false",
  },
  {
    expression: "variables.pod.?priorityClassName.orValue('') == ''",
    message: "a canary has no priority over others",
  },
  {
    expression: "variables.pod.?nodeName.orValue('') == ''",
    message: "the scheduler chooses a canary's node",
  },
  {
    expression: "variables.pod.?runtimeClassName.orValue('') == ''",
    message: "the cluster chooses a canary's runtime",
  },
  {
    expression: "variables.pod.?tolerations.orValue([]).size() == 0",
    message: "a canary tolerates no taint of its own choice",
  },
];
