import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "@perch/cluster";

/** Values of the secret store, by key. */
function values(cluster: Cluster): Readonly<Record<string, string>> {
  return {
    "shop/dynamodb/endpoint": cluster.innerUrls.dynamodb,
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

/** Does what External Secrets' operator does, which the bed has not: makes the Secret of each ExternalSecret. */
export function startSecretMaker(cluster: Cluster): { stop(): Promise<void> } {
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
  { kubectl }: Cluster,
  known: Readonly<Record<string, string>>,
  made: Set<string>,
): Promise<void> {
  const text = await kubectl(["get", "externalsecrets", "--all-namespaces", "--output=json"]);
  const wanted = (JSON.parse(text) as { items: ExternalSecret[] }).items;
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
    await kubectl(["apply", "--filename=-"], JSON.stringify(secret));
    made.add(keyOf(one));
  }
}

function keyOf({ metadata, spec }: ExternalSecret): string {
  return `${metadata.namespace}/${spec.target.name}`;
}
