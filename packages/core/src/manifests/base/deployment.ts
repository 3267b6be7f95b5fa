import type { ServiceConfig } from "../../config/types.ts";
import { secretName } from "../names.ts";
import type { Described } from "../object.ts";
import { apexAddress, type Project } from "../project.ts";
import { containerPort, selectorLabels } from "./pod.ts";

/** The Deployment of a base. No `replicas`: the HPA owns them. */
export function deployment(project: Project, service: ServiceConfig): Described {
  const labels = selectorLabels(service);
  return {
    object: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: service.name },
      spec: {
        revisionHistoryLimit: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec(project, service) },
      },
    },
    notes: [
      [["spec", "revisionHistoryLimit"], "No replicas: the HPA owns them, and self-heal would fight it."],
      [[...CONTAINER, "image"], "Its registry and tag come from the overlay or the ApplicationSet."],
      [[...CONTAINER, "lifecycle"], "Routers learn that the pod goes before it does."],
      [["spec", "template", "spec", "volumes"], "The only place to write to."],
    ],
  };
}

const CONTAINER = ["spec", "template", "spec", "containers", 0] as const;

function podSpec(project: Project, service: ServiceConfig): object {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: selectorLabels(service) },
      },
    ],
    containers: [container(project, service)],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
  };
}

function container(project: Project, service: ServiceConfig): object {
  const port = containerPort(service);
  const hasSecrets = service.secrets.size > 0;
  return {
    name: service.name,
    image: service.name,
    imagePullPolicy: "IfNotPresent",
    env: environment(project, service, port.containerPort),
    ...(hasSecrets && { envFrom: [{ secretRef: { name: secretName(service.name) } }] }),
    ports: [{ ...port, protocol: "TCP" }],
    ...probes(service, port),
    lifecycle: { preStop: { sleep: { seconds: 3 } } },
    resources: { requests: { cpu: "50m", memory: "96Mi" }, limits: { memory: "256Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
  };
}

/** Identity: a canary's ApplicationSet and stable's overlay set the revision, the former the pull request too. */
function environment(project: Project, service: ServiceConfig, port: number): object[] {
  const calls = [...service.calls].flatMap(([name, callee]) => {
    const target = project.services.get(callee);
    return target === undefined ? [] : [{ name, value: apexAddress(project, target) }];
  });
  return [
    { name: "CANARY_SERVICE", value: service.name },
    { name: "HOST", value: "0.0.0.0" },
    { name: "PORT", value: String(port) },
    ...calls,
  ];
}

function probes(
  { protocol, local }: ServiceConfig,
  port: { name: string; containerPort: number },
): Record<string, object> {
  if (protocol === "grpc") {
    const grpc = { port: port.containerPort };
    return {
      readinessProbe: { grpc, periodSeconds: 1 },
      livenessProbe: { tcpSocket: { port: port.name }, periodSeconds: 10 },
    };
  }
  const path = local?.ready.kind === "http" ? local.ready.path : "/readyz";
  return {
    readinessProbe: { httpGet: { path, port: port.name, scheme: "HTTP" }, periodSeconds: 1 },
    livenessProbe: { tcpSocket: { port: port.name }, periodSeconds: 10 },
  };
}
