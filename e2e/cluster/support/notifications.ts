import { generateKeyPairSync } from "node:crypto";
import { type Config, parseConfig, renderManifests } from "@perch/core";
import type { TestCluster } from "./cluster/index.ts";
import { perchYaml, REPOSITORIES } from "./perch-yaml.ts";

const FILE = "manifests/platform/install/argocd/notifications.yaml";
const CONFIG_MAP = "configmap/argocd-notifications-cm";
const INSTALLATION = 42;

/** The environment's perch.yaml where Argo CD is a GitHub App. */
export function appConfig({ inside }: TestCluster): Config {
  const parsed = parseConfig(perchYaml(inside.github).replace("cluster: { ", "cluster: { githubAuth: app, "));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

/** Gives Argo CD Notifications what `perch render` writes for a GitHub App, and the App's keys, as External Secrets would. */
export async function subscribe(cluster: TestCluster): Promise<void> {
  const repositories = Object.values(REPOSITORIES).map((repo) => [repo, INSTALLATION]);
  await cluster.github.installations(Object.fromEntries(repositories));
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "argocd-notifications-secret" },
    stringData: {
      githubAppID: "7",
      githubAppInstallationID: String(INSTALLATION),
      githubAppPrivateKey: privateKey(),
    },
  };
  const rendered = renderManifests(appConfig(cluster), new Map()).find(({ path }) => path === FILE);
  if (rendered === undefined) throw new Error(`perch render does not write ${FILE}.`);
  for (const text of [JSON.stringify(secret), rendered.text])
    await cluster.kubectl([...APPLY, "--namespace=argocd", "--filename=-"], text);
}

/** Takes it back: Argo CD says nothing any more. */
export async function unsubscribe({ kubectl }: TestCluster): Promise<void> {
  const nothing = JSON.stringify([{ op: "replace", path: "/data", value: {} }]);
  await kubectl(["patch", CONFIG_MAP, "--namespace=argocd", "--type=json", `--patch=${nothing}`]);
}

const APPLY = ["apply", "--server-side", "--force-conflicts"];

function privateKey(): string {
  const { privateKey: key } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return key.export({ type: "pkcs1", format: "pem" }).toString();
}
