import { type ClusterReading, type ClusterStatus, type Config, clusterStatus, PerchError } from "@perch/core";
import type { ClusterOptions } from "./kubectl.ts";
import { readCluster } from "./reading.ts";

/**
 * What a cluster's own objects say of stable and of all canaries.
 * @throws PerchError CLUSTER_UNREACHABLE, CLUSTER_REFUSED where nothing at all may be read
 */
export async function readClusterStatus(config: Config, options: ClusterOptions): Promise<ClusterStatus> {
  const reading = await readCluster(config, options);
  if (isBlind(reading, config.cluster.namespace)) throw blind(reading);
  return clusterStatus(config, reading, Date.now());
}

/** Neither what Argo CD says nor anything of stable was read; which canaries there are is then unknown too. */
function isBlind({ unread, deployments, pods }: ClusterReading, namespace: string): boolean {
  const isHidden = (resource: string, place?: string) =>
    unread.some(
      (one) => one.resource === resource && (one.namespace === undefined || one.namespace === place),
    );
  return (
    deployments.length + pods.length === 0 &&
    isHidden("applications") &&
    ["deployments", "pods"].every((resource) => isHidden(resource, namespace))
  );
}

function blind({ unread }: ClusterReading): PerchError {
  return new PerchError({
    code: "CLUSTER_REFUSED",
    message: `Nothing of this project may be read there: ${unread.map(({ reason }) => reason).join(" ")}`,
    hint: "docs/kubernetes.md has a ClusterRole for people who only look; --context chooses another cluster or login.",
    fault: "environment",
  });
}
