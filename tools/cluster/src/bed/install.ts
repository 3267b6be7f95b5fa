import { createHash } from "node:crypto";
import { access, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { apply, type Kubectl } from "./kubectl.ts";
import type { Layout } from "./layout.ts";
import { argocdObjects, argocdSecret, namespace } from "./objects.ts";
import { MANIFESTS } from "./recipes.ts";

interface Installation {
  readonly name: string;
  /** Of objects that name none. */
  readonly namespace?: string;
  readonly objects: string;
}

/** Applies what the cluster needs before its controllers start. What was applied already, unchanged, is left as it is. */
export async function installObjects(layout: Layout, kubectl: Kubectl, definitions: string): Promise<void> {
  // definitions first: Traefik's manifest holds an IngressRoute
  await once(layout, kubectl, {
    name: "argocd-namespace",
    namespace: "default",
    objects: namespace("argocd"),
  });
  await Promise.all((await definitionsIn(definitions)).map((one) => once(layout, kubectl, one)));
  await definitionsServed(kubectl);
  for (const one of await ownObjects(layout)) await once(layout, kubectl, one);
}

/** Waits until the API server serves the kinds that the bed's own objects have. */
async function definitionsServed(kubectl: Kubectl): Promise<void> {
  const names = ["ingressroutes.traefik.io", "applications.argoproj.io", "applicationsets.argoproj.io"];
  const wait = [
    "wait",
    "--for=condition=Established",
    "--timeout=30s",
    ...names.map((name) => `crd/${name}`),
  ];
  // kubectl fails on a definition that is so new that it has no conditions yet
  for (let attempt = 1; attempt < 20; attempt += 1) {
    const failed = await kubectl(wait).then(isNo, isYes);
    if (!failed) return;
    await sleep(250);
  }
  await kubectl(wait);
}

const isYes = () => true;
const isNo = () => false;

/** Waits until the pods that the bed itself runs are ready, and until metrics are served. */
export async function podsReady(kubectl: Kubectl): Promise<void> {
  const rollout = (of: string, name: string) =>
    kubectl(["rollout", "status", "--timeout=120s", `--namespace=${of}`, `deployment/${name}`]);
  await rollout("kube-system", "coredns");
  await rollout("traefik", "traefik");
  await rollout("kube-system", "metrics-server");
  // the first scrape of a node takes a while longer than the pod's readiness
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const served = await kubectl(["get", "--raw=/apis/metrics.k8s.io/v1beta1/nodes"]).catch(() => "");
    if (served.includes('"usage"')) return;
    await sleep(250);
  }
  throw new Error("metrics-server served no metrics of nodes within 30 s");
}

async function definitionsIn(folder: string): Promise<Installation[]> {
  const plain = await Promise.all(
    ["gateway-api", "external-secrets", "traefik"].map(async (name) => ({
      name,
      objects: await readFile(join(folder, `${name}.yaml`), "utf8"),
    })),
  );
  return [...plain, { name: "argocd", namespace: "argocd", objects: await argocdObjects(folder) }];
}

async function ownObjects(layout: Layout): Promise<Installation[]> {
  const files = await Promise.all(
    ["coredns", "metrics-server", "traefik", "argocd"].map(async (name) => ({
      name: `own-${name}`,
      objects: await readFile(join(MANIFESTS, `${name}.yaml`), "utf8"),
    })),
  );
  return [...files, { name: "own-argocd-secret", namespace: "argocd", objects: await argocdSecret(layout) }];
}

/** The mark lies beside etcd's data, so it goes when they go. */
async function once(layout: Layout, kubectl: Kubectl, one: Installation): Promise<void> {
  const hash = createHash("sha256").update(one.objects).digest("hex").slice(0, 16);
  const marker = join(layout.state, `applied-${one.name}-${hash}`);
  const done = await access(marker).then(
    () => true,
    () => false,
  );
  if (done) return;
  await apply(kubectl, one.objects, one.namespace);
  await writeFile(marker, "");
}
