import type { ServiceConfig } from "../../config/types.ts";
import { kustomizationFile, type ManifestFile, manifestFile } from "../file.ts";
import type { Described } from "../object.ts";
import type { Project } from "../project.ts";
import { servicePort } from "../service-port.ts";
import { deployment } from "./deployment.ts";
import { selectorLabels } from "./pod.ts";

/** Folder of a service's own manifests, in its repository. */
export function baseFolder({ path }: ServiceConfig): string {
  return path === "." ? "deploy/base" : `${path}/deploy/base`;
}

/** A base to start from, for stable and for canaries alike; from then on it is the service's own. */
export function baseFiles(project: Project, service: ServiceConfig): ManifestFile[] {
  const folder = baseFolder(service);
  const parts: Record<string, Described> = {
    deployment: deployment(project, service),
    service: apexService(service),
    hpa: autoscaler(service),
    pdb: disruptionBudget(service),
  };
  const files = Object.entries(parts).map(([name, part]) =>
    manifestFile(`${folder}/${name}.yaml`, [part], undefined, SCAFFOLDED),
  );
  const resources = Object.keys(parts).map((name) => `${name}.yaml`);
  return [kustomizationFile(folder, { resources }, {}, SCAFFOLDED), ...files];
}

const SCAFFOLDED = "Written once by `perch init --kubernetes`; yours to change.";

function apexService(service: ServiceConfig): Described {
  return {
    object: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: service.name },
      spec: { selector: selectorLabels(service), ports: [servicePort(service)] },
    },
    ...(service.protocol === "grpc" && {
      notes: [
        [
          ["spec", "ports", 0, "appProtocol"],
          "Not grpc: Linkerd takes that as opaque TCP, and canary calls reach stable.",
        ],
      ],
    }),
  };
}

function autoscaler({ name }: ServiceConfig): Described {
  return {
    object: {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
        minReplicas: 2,
        maxReplicas: 6,
        metrics: [
          {
            type: "ContainerResource",
            containerResource: {
              name: "cpu",
              container: name,
              target: { type: "Utilization", averageUtilization: 70 },
            },
          },
        ],
      },
    },
    why: "A canary has its own bounds, from perch.yaml.",
    notes: [
      [
        ["spec", "metrics", 0, "containerResource"],
        "The service's own container: a mesh's proxy does not count.",
      ],
    ],
  };
}

function disruptionBudget(service: ServiceConfig): Described {
  return {
    object: {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: service.name },
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        selector: { matchLabels: selectorLabels(service) },
      },
    },
    why: "A canary must not hold up a node's drain: maxUnavailable, not minAvailable, and pods that never got ready may go.",
  };
}
