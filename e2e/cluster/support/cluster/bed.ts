import { join } from "node:path";
import { attachCluster, type Cluster, startCluster } from "@perch/cluster";
import { readerOf } from "./reader.ts";
import type { TestCluster } from "./test-cluster.ts";

/** Brings up the bed of `make cluster`, or reuses it. */
export async function startBed(say: (line: string) => void): Promise<TestCluster> {
  return bedAsTestCluster(await startCluster({ say }));
}

/** The bed that is up. @throws Error where there is none */
export async function attachBed(): Promise<TestCluster> {
  return bedAsTestCluster(await attachCluster());
}

function bedAsTestCluster(cluster: Cluster): TestCluster {
  return {
    ...readerOf(join(cluster.bin, "kubectl"), cluster.kubeconfig),
    kubeconfig: cluster.kubeconfig,
    tools: cluster.bin,
    kubectl: cluster.kubectl,
    edge: cluster.urls.edge,
    inside: { github: cluster.innerUrls.github, dynamodb: cluster.innerUrls.dynamodb },
    githubApi: cluster.urls.github,
    github: cluster.github,
    git: cluster.git,
    connectWebhook: () => cluster.connectWebhook(),
    buildImage: (request) => cluster.buildImage(request),
    tagImage: (from, to) => cluster.tagImage(from, to),
    setRepoServerGit: (config) => cluster.setRepoServerGit(config),
    faults: {
      restart: async (process) => {
        await cluster.stop(process);
        await cluster.start(process);
      },
      setConnected: (node, connected) => cluster.setConnected(node, connected),
    },
  };
}
