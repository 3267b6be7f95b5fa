import { ROUTER } from "../../names.ts";
import type { Described } from "../../object.ts";
import { ENTRY_POINT, READY, ROUTER_LABELS, routerOf } from "./constants.ts";

/** The version that the routes were measured on. */
export const TRAEFIK_VERSION = "3.7.13";

const SETTINGS = [
  `--entrypoints.${ENTRY_POINT}.address=:8000`,
  `--entrypoints.${ENTRY_POINT}.transport.respondingtimeouts.readtimeout=0s`,
  `--entrypoints.${ENTRY_POINT}.transport.lifecycle.requestacceptgracetimeout=5s`,
  `--entrypoints.${ENTRY_POINT}.transport.lifecycle.gracetimeout=30s`,
  "--entrypoints.traefik.address=:8080",
  "--ping=true",
  "--ping.terminatingstatuscode=503",
  "--providers.kubernetescrd=true",
  "--providers.kubernetescrd.allowcrossnamespace=true",
  "--providers.kubernetescrd.allowemptyservices=true",
  "--global.checknewversion=false",
  "--global.sendanonymoususage=false",
];

function argsOf(namespace: string): string[] {
  return [...SETTINGS, `--providers.kubernetescrd.ingressclass=${routerOf(namespace)}`];
}

function note(start: string, text: string): [readonly (string | number)[], string] {
  const index = SETTINGS.findIndex((arg) => arg.startsWith(start));
  return [["spec", "template", "spec", "containers", 0, "args", index], text];
}

/** Two replicas, one after the other: a rolling restart fails no call. */
export function routerDeployment(namespace: string): Described {
  const container = {
    name: "traefik",
    image: `docker.io/library/traefik:v${TRAEFIK_VERSION}`,
    imagePullPolicy: "IfNotPresent",
    args: argsOf(namespace),
    ports: [
      { name: ENTRY_POINT, containerPort: 8000, protocol: "TCP" },
      { name: "ping", containerPort: 8080, protocol: "TCP" },
    ],
    readinessProbe: {
      httpGet: {
        path: READY.path,
        port: ENTRY_POINT,
        scheme: "HTTP",
        httpHeaders: [{ name: "Host", value: READY.host }],
      },
      periodSeconds: 2,
    },
    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "256Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
  return {
    why: "The internal router: a second Traefik that reads only the IngressRoutes of its own class.",
    notes: [
      note(`--entrypoints.${ENTRY_POINT}.address`, "HTTP/1.1, and HTTP/2 without TLS (h2c), on one port."),
      note(
        `--entrypoints.${ENTRY_POINT}.transport.resp`,
        "The default of 60 s ends client and bidirectional streams.",
      ),
      note(
        `--entrypoints.${ENTRY_POINT}.transport.lifecycle.requestaccept`,
        "After SIGTERM it goes on accepting until endpoints have followed.",
      ),
      note(
        "--providers.kubernetescrd.allowempty",
        "A canary that is not ready answers 503; without this stable does.",
      ),
    ],
    object: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: ROUTER, namespace },
      spec: {
        replicas: 2,
        revisionHistoryLimit: 2,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        selector: { matchLabels: ROUTER_LABELS },
        template: {
          metadata: { labels: ROUTER_LABELS },
          spec: {
            serviceAccountName: ROUTER,
            terminationGracePeriodSeconds: 45,
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
