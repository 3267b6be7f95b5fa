import { ingressRoute } from "../../edge/traefik/ingress-route.ts";
import { ROUTER } from "../../names.ts";
import type { Described } from "../../object.ts";
import type { Project } from "../../project.ts";
import { ENTRY_POINT, READY, ROUTER_LABELS, routerOf } from "./constants.ts";
import { routerDeployment } from "./deployment.ts";

/** The internal router, once for the project. */
export function routerObjects({ cluster }: Project): Described[] {
  const { namespace } = cluster;
  const metadata = { name: ROUTER, namespace };
  return [
    { object: { apiVersion: "v1", kind: "ServiceAccount", metadata } },
    ...rights(namespace),
    routerDeployment(namespace),
    {
      object: {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata,
        spec: { maxUnavailable: 1, selector: { matchLabels: ROUTER_LABELS } },
      },
    },
    {
      object: {
        apiVersion: "traefik.io/v1alpha1",
        kind: "ServersTransport",
        metadata,
        spec: { forwardingTimeouts: { dialTimeout: "2s", readIdleTimeout: "10s", pingTimeout: "5s" } },
      },
      why: "A pod that is gone without a word is noticed by pings, not by the first call.",
    },
    {
      object: ingressRoute({
        name: `${ROUTER}-ready`,
        namespace,
        ingressClassName: routerOf(namespace),
        listen: { entryPoints: [ENTRY_POINT] },
        rules: [{ priority: 1, match: `Host(\`${READY.host}\`) && Path(\`${READY.path}\`)`, target: PING }],
      }),
      why: "What the readiness probe asks: it answers once routes are loaded.",
    },
  ];
}

const PING = { kind: "TraefikService", name: "ping@internal" } as const;

/** What Traefik's Kubernetes provider reads. Without ConfigMaps it answers 404 to everything while it is ready. */
function rights(namespace: string): Described[] {
  const read = ["get", "list", "watch"];
  const name = routerOf(namespace);
  return [
    {
      object: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name },
        rules: [
          { apiGroups: [""], resources: ["services", "secrets", "configmaps", "nodes"], verbs: read },
          { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
          { apiGroups: ["traefik.io"], resources: ["*"], verbs: read },
        ],
      },
    },
    {
      object: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
        subjects: [{ kind: "ServiceAccount", name: ROUTER, namespace }],
      },
    },
  ];
}
