import { canaryName, type WaitingPod } from "@perch/core";
import { type ClusterOptions, kubectl } from "./kubectl.ts";

interface Container {
  readonly name: string;
  readonly image: string;
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: { readonly waiting?: { readonly reason?: string } };
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly status?: {
      readonly containerStatuses?: readonly ContainerStatus[];
      readonly initContainerStatuses?: readonly ContainerStatus[];
    };
    readonly spec: {
      readonly containers: readonly Container[];
      readonly initContainers?: readonly Container[];
    };
  }[];
}

/** Pods of one canary, with what their containers wait for. A namespace that is not there has none. */
export async function canaryPods(
  service: string,
  pr: number,
  options: ClusterOptions,
): Promise<WaitingPod[]> {
  const namespace = canaryName(service, pr);
  const text = await kubectl(["get", "pods", "--namespace", namespace, "--output=json"], options);
  return (JSON.parse(text) as PodList).items.map(({ metadata, spec, status }) => ({
    name: metadata.name,
    namespace: metadata.namespace,
    containers: [
      ...waits(spec.initContainers, status?.initContainerStatuses),
      ...waits(spec.containers, status?.containerStatuses),
    ],
  }));
}

/** The spec has the image as it was asked for; a status may have another name of the same. */
function waits(
  containers: readonly Container[] = [],
  statuses: readonly ContainerStatus[] = [],
): WaitingPod["containers"] {
  return containers.map(({ name, image }) => ({
    image,
    waiting: statuses.find((one) => one.name === name)?.state?.waiting?.reason,
  }));
}

/** Deletes a pod: its Deployment makes another one, which pulls at once. One that is gone is as good. */
export async function restartPod({ name, namespace }: WaitingPod, options: ClusterOptions): Promise<void> {
  const flags = ["--namespace", namespace, "--ignore-not-found", "--wait=false"];
  await kubectl(["delete", "pod", name, ...flags], options);
}
