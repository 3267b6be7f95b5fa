import { ingressRoute } from "../edge/traefik/ingress-route.ts";
import { meshOf } from "../mesh/mesh.ts";
import { TRAEFIK_VERSION } from "../mesh/none/deployment.ts";
import type { Described, Note } from "../object.ts";
import type { Project } from "../project.ts";

const NAME = "traefik";
const LABELS = { "app.kubernetes.io/name": NAME } as const;
const FIRST_PORT = 8000;
/** Of this install's own: readiness is asked there. */
const PING = { entryPoint: "perch-ping", port: 9000 } as const;
/** Readiness goes through a route: `/ping` answers before any route is loaded, and requests would then get 404. */
const READY_PATH = "/perch-ready";
const READ = ["get", "list", "watch"];

/** A small Traefik for the edge. A team's own needs the same flags and rights. */
export function edgeTraefik(project: Project): Described[] {
  const metadata = { name: NAME, namespace: NAME };
  const annotations = meshOf(project).namespaceAnnotations;
  const hasAnnotations = Object.keys(annotations).length > 0;
  const service = { type: "LoadBalancer", selector: LABELS, ports: servicePorts(project) };
  const budget = { maxUnavailable: 1, selector: { matchLabels: LABELS } };
  return [
    {
      object: {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: NAME, ...(hasAnnotations && { annotations }) },
      },
    },
    { object: { apiVersion: "v1", kind: "ServiceAccount", metadata } },
    ...rights(metadata),
    deployment(project, metadata),
    { object: { apiVersion: "v1", kind: "Service", metadata, spec: service } },
    { object: { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata, spec: budget } },
    readyRoute(metadata.namespace),
  ];
}

function rights(account: { name: string; namespace: string }): Described[] {
  const metadata = { name: "perch-edge" };
  return [
    {
      object: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata,
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
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: metadata.name },
        subjects: [{ kind: "ServiceAccount", ...account }],
      },
    },
  ];
}

function readyRoute(namespace: string): Described {
  const target = { kind: "TraefikService", name: "ping@internal" } as const;
  return {
    object: ingressRoute({
      name: "perch-ready",
      namespace,
      listen: { entryPoints: [PING.entryPoint] },
      rules: [{ priority: 1, match: `Path(\`${READY_PATH}\`)`, target }],
    }),
    why: "What the readiness probe asks: it answers once routes are loaded.",
  };
}

function argsOf({ edge }: Project): string[] {
  const entryPoints = edge.entryPoints.flatMap((name, index) => [
    `--entrypoints.${name}.address=:${FIRST_PORT + index}`,
    `--entrypoints.${name}.http.aliasheadersstrategy=delete`,
    `--entrypoints.${name}.transport.lifecycle.requestacceptgracetimeout=5s`,
    `--entrypoints.${name}.transport.lifecycle.gracetimeout=30s`,
    ...(edge.tls ? [`--entrypoints.${name}.http.tls=true`] : []),
  ]);
  return [
    ...entryPoints,
    `--entrypoints.${PING.entryPoint}.address=:${PING.port}`,
    "--ping=true",
    `--ping.entrypoint=${PING.entryPoint}`,
    "--providers.kubernetescrd=true",
    "--providers.kubernetescrd.allowcrossnamespace=true",
    "--providers.kubernetescrd.allowemptyservices=true",
    "--global.checknewversion=false",
    "--global.sendanonymoususage=false",
  ];
}

function deployment(project: Project, metadata: { name: string; namespace: string }): Described {
  const args = argsOf(project);
  return {
    notes: notesOn(args),
    object: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 2,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        selector: { matchLabels: LABELS },
        template: {
          metadata: { labels: LABELS },
          spec: {
            serviceAccountName: NAME,
            terminationGracePeriodSeconds: 45,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 65532,
              seccompProfile: { type: "RuntimeDefault" },
            },
            containers: [container(project, args)],
          },
        },
      },
    },
  };
}

function container({ edge }: Project, args: readonly string[]): object {
  const ports = edge.entryPoints.map((name, index) => ({
    name: portName(name, index),
    containerPort: FIRST_PORT + index,
  }));
  return {
    name: NAME,
    image: `docker.io/library/traefik:v${TRAEFIK_VERSION}`,
    args,
    ports: [...ports, { name: PING.entryPoint, containerPort: PING.port }],
    readinessProbe: { httpGet: { path: READY_PATH, port: PING.entryPoint }, periodSeconds: 2 },
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}

const REASONS: Readonly<Record<string, string>> = {
  requestacceptgracetimeout: "After SIGTERM it goes on accepting until load balancers have followed.",
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
  return edge.entryPoints.map((entryPoint, index) => {
    const name = portName(entryPoint, index);
    return { name, port: index === 0 ? (edge.tls ? 443 : 80) : FIRST_PORT + index, targetPort: name };
  });
}

/** The entry point's own name where it is one for a port too (RFC 6335: at most 15 characters, a letter among them). */
function portName(entryPoint: string, index: number): string {
  const isPortName = /^(?=.*[a-z])(?!.*--)[a-z0-9](?:[-a-z0-9]{0,13}[a-z0-9])?$/.test(entryPoint);
  return isPortName && entryPoint !== PING.entryPoint ? entryPoint : `entry-${index + 1}`;
}
