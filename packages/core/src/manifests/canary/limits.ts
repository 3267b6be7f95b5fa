import type { CanaryIdentity } from "../canary-identity.ts";
import { meshOf } from "../mesh/mesh.ts";
import { CANARY_LABEL } from "../names.ts";
import type { Described } from "../object.ts";
import type { Project } from "../project.ts";

/** A managed object, not `CreateNamespace=true`: that would leave it behind. */
export function canaryNamespace(project: Project, { namespace }: CanaryIdentity): Described {
  const annotations = meshOf(project).namespaceAnnotations;
  return {
    object: {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: namespace,
        labels: {
          [CANARY_LABEL]: "true",
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/enforce-version": "latest",
          "pod-security.kubernetes.io/warn": "restricted",
        },
        ...(Object.keys(annotations).length > 0 && { annotations }),
      },
    },
    why: "The admission policies of manifests/platform/perch hold in every Namespace with this label.",
  };
}

/** What a container may write to its node's disk, logs included: without a bound one canary could fill it for all. */
const DISK_GIB_PER_CONTAINER = 1;
/** For services whose base asks for more. */
const DISK_GIB_PER_POD = 4;

/** A rolling update needs room for one more pod a replica, and both revisions at once. */
export function resourceQuota({ canary }: Project, { namespace }: CanaryIdentity): Described {
  const { cpu, memory } = canary.quota;
  const pods = 2 * canary.maxReplicas + 2;
  return {
    object: {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "canary", namespace },
      spec: {
        hard: {
          "requests.cpu": cpu,
          "requests.memory": memory,
          "limits.memory": memory,
          "limits.ephemeral-storage": `${pods * DISK_GIB_PER_POD}Gi`,
          pods: String(pods),
          services: "5",
          "services.nodeports": "0",
          "services.loadbalancers": "0",
          persistentvolumeclaims: "0",
          "count/configmaps": "10",
          "count/deployments.apps": "3",
          "count/horizontalpodautoscalers.autoscaling": "3",
          "count/poddisruptionbudgets.policy": "1",
        },
      },
    },
  };
}

export function limitRange({ namespace }: CanaryIdentity): Described {
  return {
    object: {
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: { name: "canary", namespace },
      spec: {
        limits: [
          {
            type: "Container",
            default: { "ephemeral-storage": `${DISK_GIB_PER_CONTAINER}Gi`, memory: "256Mi" },
            defaultRequest: { cpu: "50m", "ephemeral-storage": "64Mi", memory: "64Mi" },
          },
        ],
      },
    },
    why: "A quota refuses a container that names no request or limit of its own, such as a mesh's proxy.",
  };
}
