import { canaryName, type WaitingPod } from "@perch/core";
import { type ClusterOptions, kubectl } from "./kubectl.ts";

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly status?: {
      readonly containerStatuses?: readonly {
        readonly image: string;
        readonly name: string;
        readonly state?: { readonly waiting?: { readonly reason?: string } };
      }[];
    };
    readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
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
    // The spec has the image as it was asked for; a status may have another name of the same.
    containers: spec.containers.map(({ name, image }) => ({
      image,
      waiting: status?.containerStatuses?.find((one) => one.name === name)?.state?.waiting?.reason,
    })),
  }));
}

/** Deletes a pod: its Deployment makes another one, which pulls at once. One that is gone is as good. */
export async function restartPod({ name, namespace }: WaitingPod, options: ClusterOptions): Promise<void> {
  const flags = ["--namespace", namespace, "--ignore-not-found", "--wait=false"];
  await kubectl(["delete", "pod", name, ...flags], options);
}
