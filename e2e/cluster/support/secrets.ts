import { setTimeout as sleep } from "node:timers/promises";
import type { TestCluster } from "./cluster/index.ts";

/** Values of the secret store, by key. */
function values(cluster: TestCluster): Readonly<Record<string, string>> {
  return {
    "shop/dynamodb/endpoint": cluster.inside.dynamodb,
    "shop/dynamodb/region": "local",
    "shop/dynamodb/id": "local",
    "shop/dynamodb/key": "local",
  };
}

interface ExternalSecret {
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly target: { readonly name: string };
    readonly data: readonly { readonly secretKey: string; readonly remoteRef: { readonly key: string } }[];
  };
}

interface List {
  readonly items: readonly ExternalSecret[];
}

/** Does what External Secrets' operator does, which the bed has not: makes the Secret of each ExternalSecret. */
export function startSecretMaker(cluster: TestCluster): { stop(): Promise<void> } {
  const known = values(cluster);
  const made = new Set<string>();
  let on = true;
  const loop = async () => {
    while (on) {
      await makeMissing(cluster, known, made).catch(() => undefined);
      await sleep(200);
    }
  };
  const done = loop();
  return {
    stop: async () => {
      on = false;
      await done;
    },
  };
}

async function makeMissing(
  cluster: TestCluster,
  known: Readonly<Record<string, string>>,
  made: Set<string>,
): Promise<void> {
  const list = (await cluster.read("/apis/external-secrets.io/v1/externalsecrets")) as List | undefined;
  const wanted = list?.items ?? [];
  const keys = new Set(wanted.map(keyOf));
  for (const key of made) if (!keys.has(key)) made.delete(key);
  for (const one of wanted) {
    if (made.has(keyOf(one))) continue;
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: one.spec.target.name, namespace: one.metadata.namespace },
      stringData: Object.fromEntries(
        one.spec.data.map(({ secretKey, remoteRef }) => [secretKey, known[remoteRef.key] ?? ""]),
      ),
    };
    await cluster.kubectl(["apply", "--filename=-"], JSON.stringify(secret));
    made.add(keyOf(one));
  }
}

function keyOf({ metadata, spec }: ExternalSecret): string {
  return `${metadata.namespace}/${spec.target.name}`;
}
