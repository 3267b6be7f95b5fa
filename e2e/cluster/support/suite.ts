import { after, before } from "node:test";
import { type Cluster, startCluster } from "@perch/cluster";
import { askUntil } from "./edge.ts";
import { prepareEnvironment } from "./environment.ts";
import { startSecretMaker } from "./secrets.ts";

/** The cluster of a test file, once its `before` has run. */
export interface Suite {
  readonly cluster: Cluster;
}

/** An environment with stable serving and no pull request open. */
export interface Environment {
  /** Closes every pull request. */
  close(): Promise<void>;
}

export async function openEnvironment(cluster: Cluster): Promise<Environment> {
  await closeAll(cluster);
  const secrets = startSecretMaker(cluster);
  await prepareEnvironment(cluster);
  await askUntil(cluster, {}, ({ status }) => status === 200, { seconds: 180 });
  await askUntil(cluster, { path: "/version" }, ({ status }) => status === 200, { seconds: 60 });
  return {
    close: async () => {
      await closeAll(cluster);
      await secrets.stop();
    },
  };
}

/** Brings up the bed, or reuses it, for a test file. */
export function useEnvironment(): Suite {
  let running: Cluster | undefined;
  let environment: Environment | undefined;
  before(
    async () => {
      running = await startCluster({ say: (line) => process.stderr.write(`# ${line}\n`) });
      environment = await openEnvironment(running);
    },
    { timeout: 45 * 60_000 },
  );
  after(() => environment?.close());
  return {
    get cluster() {
      if (running === undefined) throw new Error("The cluster is not up.");
      return running;
    },
  };
}

/** Closes what an earlier run left open, and waits until it is gone. */
async function closeAll(cluster: Cluster): Promise<void> {
  await cluster.github.outage(undefined);
  await cluster.connectWebhook();
  for (const { repo, number, state } of await cluster.github.list()) {
    if (state === "open") await cluster.github.close(repo, number);
  }
}
