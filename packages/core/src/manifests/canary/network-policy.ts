import type { CanaryIdentity } from "../canary-identity.ts";
import { CALLER_LABEL, CANARY_LABEL } from "../names.ts";
import type { Described } from "../object.ts";
import type { Project } from "../project.ts";

/** Namespaces of the edge and of what scrapes metrics, as their own installs call them. */
const EDGE_NAMESPACE = "traefik";
const MONITORING_NAMESPACE = "monitoring";

/** Who may call a canary, and whom it may call. */
export function networkPolicy(project: Project, { namespace }: CanaryIdentity): Described {
  const { cluster, mesh } = project;
  const environment = [named(cluster.namespace), labelled(CANARY_LABEL)];
  const dns = {
    to: [{ ...named("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
    ports: [
      { protocol: "UDP", port: 53 },
      { protocol: "TCP", port: 53 },
    ],
  };
  const ranges = cluster.egress.map((cidr) => ({ ipBlock: { cidr } }));
  const control = mesh === "linkerd" ? [named("linkerd")] : [];
  return {
    object: {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "canary", namespace },
      spec: {
        podSelector: {},
        policyTypes: ["Ingress", "Egress"],
        // Every port, the mesh's 4143 included.
        ingress: [
          {
            from: [
              named(EDGE_NAMESPACE),
              ...environment,
              named(MONITORING_NAMESPACE),
              labelled(CALLER_LABEL),
            ],
          },
        ],
        egress: [dns, { to: [...environment, ...control, ...ranges] }],
      },
    },
    why: `In: from the edge, stable, canaries, monitoring, and Namespaces with the label ${CALLER_LABEL}: an edge of another name.
Out: to DNS, stable, canaries and cluster.egress.`,
  };
}

function named(namespace: string): { namespaceSelector: object } {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } };
}

function labelled(label: string): object {
  return { namespaceSelector: { matchLabels: { [label]: "true" } } };
}
