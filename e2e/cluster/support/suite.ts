import { after, before } from "node:test";
import { type Cluster, startCluster } from "@perch/cluster";
import { askUntil } from "./edge.ts";
import { prepareEnvironment } from "./environment.ts";
import { startSecretMaker } from "./secrets.ts";

/** The cluster of a test file, once its `before` has run. */
export interface Suite {
  readonly cluster: Cluster;
}

/** Brings up the bed, or reuses it, with stable serving and no pull request open. */
export function useEnvironment(): Suite {
  let running: Cluster | undefined;
  let secrets: ReturnType<typeof startSecretMaker> | undefined;
  before(
    async () => {
      running = await startCluster({ say: (line) => process.stderr.write(`# ${line}\n`) });
      await closeAll(running);
      secrets = startSecretMaker(running);
      await prepareEnvironment(running);
      await askUntil(running, {}, ({ status }) => status === 200, 180);
      await askUntil(running, { path: "/version" }, ({ status }) => status === 200, 60);
    },
    { timeout: 45 * 60_000 },
  );
  after(async () => {
    if (running !== undefined) await closeAll(running);
    await secrets?.stop();
  });
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
