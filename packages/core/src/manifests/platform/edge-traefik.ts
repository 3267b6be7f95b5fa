import { meshOf } from "../mesh/mesh.ts";
import { TRAEFIK_VERSION } from "../mesh/none/deployment.ts";
import type { Described, Note } from "../object.ts";
import type { Project } from "../project.ts";

const NAME = "traefik";
const LABELS = { "app.kubernetes.io/name": NAME } as const;
const FIRST_PORT = 8000;
const PING_PORT = 9000;
const READ = ["get", "list", "watch"];

/** A small Traefik for the edge. A team's own needs the same flags and rights. */
export function edgeTraefik(project: Project): Described[] {
  const metadata = { name: NAME, namespace: NAME };
  const annotations = meshOf(project).namespaceAnnotations;
  const hasAnnotations = Object.keys(annotations).length > 0;
  return [
    {
      object: {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: NAME, ...(hasAnnotations && { annotations }) },
      },
    },
    { object: { apiVersion: "v1", kind: "ServiceAccount", metadata } },
    {
      object: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: "perch-edge" },
        rules: [
          { apiGroups: [""], resources: ["services", "secrets", "configmaps", "nodes"], verbs: READ },
          { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: READ },
          { apiGroups: ["traefik.io"], resources: ["*"], verbs: READ },
        ],
      },
      why: "Without ConfigMaps Traefik answers 404 to everything while it says that it is ready.",
    },
    {
      object: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: "perch-edge" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "perch-edge" },
        subjects: [{ kind: "ServiceAccount", ...metadata }],
      },
    },
    deployment(project, metadata),
    {
      object: {
        apiVersion: "v1",
        kind: "Service",
        metadata,
        spec: { type: "LoadBalancer", selector: LABELS, ports: servicePorts(project) },
      },
    },
  ];
}

function argsOf({ edge }: Project): string[] {
  const entryPoints = edge.entryPoints.flatMap((name, index) => [
    `--entrypoints.${name}.address=:${FIRST_PORT + index}`,
    `--entrypoints.${name}.http.aliasheadersstrategy=delete`,
    ...(edge.tls ? [`--entrypoints.${name}.http.tls=true`] : []),
  ]);
  return [
    ...entryPoints,
    `--entrypoints.ping.address=:${PING_PORT}`,
    "--ping=true",
    "--ping.entrypoint=ping",
    "--providers.kubernetescrd=true",
    "--providers.kubernetescrd.allowcrossnamespace=true",
    "--providers.kubernetescrd.allowemptyservices=true",
    "--global.checknewversion=false",
    "--global.sendanonymoususage=false",
  ];
}

function deployment(project: Project, metadata: { name: string; namespace: string }): Described {
  const args = argsOf(project);
  const ports = project.edge.entryPoints.map((name, index) => ({ name, containerPort: FIRST_PORT + index }));
  const container = {
    name: NAME,
    image: `docker.io/library/traefik:v${TRAEFIK_VERSION}`,
    args,
    ports: [...ports, { name: "ping", containerPort: PING_PORT }],
    readinessProbe: { httpGet: { path: "/ping", port: "ping" }, periodSeconds: 2 },
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
  return {
    notes: notesOn(args),
    object: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: LABELS },
        template: {
          metadata: { labels: LABELS },
          spec: {
            serviceAccountName: NAME,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 65532,
              seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [container],
          },
        },
      },
    },
  };
}

const REASONS: Readonly<Record<string, string>> = {
  allowcrossnamespace: "Routes live beside stable, canaries' Services in their own Namespaces.",
  allowemptyservices: "A canary that is not ready answers 503; without this stable answers, silently.",
  aliasheadersstrategy: "A client's X_Canary is not passed on: some servers read it as X-Canary.",
};

function notesOn(args: readonly string[]): Note[] {
  return Object.entries(REASONS).map(([flag, reason]) => [
    ["spec", "template", "spec", "containers", 0, "args", args.findIndex((arg) => arg.includes(flag))],
    reason,
  ]);
}

function servicePorts({ edge }: Project): object[] {
  return edge.entryPoints.map((name, index) => ({
    name,
    port: index === 0 ? (edge.tls ? 443 : 80) : FIRST_PORT + index,
    targetPort: name,
  }));
}
