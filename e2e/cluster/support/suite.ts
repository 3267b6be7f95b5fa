import { after, before } from "node:test";
import { attachCluster, type TestCluster } from "./cluster/index.ts";
import { askUntil } from "./edge.ts";
import { prepareEnvironment } from "./environment.ts";
import { startSecretMaker } from "./secrets.ts";

/** The cluster of a test file, once its `before` has run. */
export interface Suite {
  readonly cluster: TestCluster;
}

/** An environment with stable serving and no pull request open. */
export interface Environment {
  /** Closes every pull request. */
  close(): Promise<void>;
}

export async function openEnvironment(cluster: TestCluster): Promise<Environment> {
  await closeAll(cluster);
  const secrets = startSecretMaker(cluster);
  await prepareEnvironment(cluster);
  await askUntil(cluster, {}, ({ status }) => status === 200);
  await askUntil(cluster, { path: "/version" }, ({ status }) => status === 200);
  return {
    close: async () => {
      await closeAll(cluster);
      await secrets.stop();
    },
  };
}

/**
 * For a test file: the cluster whose environment `run.ts` has opened.
 * @param last what the file does before it lets go of the cluster: hooks run in the order in which they were made
 */
export function useCluster(last?: (cluster: TestCluster) => Promise<void>): Suite {
  let open: TestCluster | undefined;
  before(async () => {
    open = await attachCluster();
  });
  after(async () => {
    if (open === undefined) return;
    try {
      await last?.(open);
    } finally {
      await open.close();
    }
  });
  return {
    get cluster() {
      if (open === undefined) throw new Error("The cluster is not up.");
      return open;
    },
  };
}

/** Closes what an earlier run left open. */
async function closeAll(cluster: TestCluster): Promise<void> {
  await cluster.github.outage(undefined);
  await cluster.connectWebhook();
  for (const { repo, number, state } of await cluster.github.list()) {
    if (state === "open") await cluster.github.close(repo, number);
  }
}
