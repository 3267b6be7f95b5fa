import { join } from "node:path";
import { type Layout, PORTS } from "./layout.ts";
import type { ProcessSpec } from "./process.ts";

/** Links that make Argo CD's one binary play a role. */
export const ARGOCD_ROLES = [
  "argocd-repo-server",
  "argocd-application-controller",
  "argocd-applicationset-controller",
  "argocd-notifications",
] as const;

/** The git configuration of whatever the repo server starts: what a pod has from the ConfigMap perch-git. None is as good as an empty one. */
export function gitConfigOf(layout: Layout): string {
  return join(layout.state, "argocd", "gitconfig");
}

const REDIS = "127.0.0.1:6379";
const REPO_SERVER = "127.0.0.1:8081";

/** What the controllers keep between them. */
export function redis(layout: Layout): ProcessSpec {
  return {
    name: "redis",
    network: layout.network,
    command: ["redis-server", "--port", "6379", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    ready: ["redis-cli", "-p", "6379", "ping"],
    readyWithinSeconds: 20,
  };
}

/** Argo CD's repo server and controllers. All share one network namespace, so each has ports of its own. */
export function argocd(layout: Layout): ProcessSpec[] {
  return [
    controller(layout, "argocd-repo-server", "repo-server", 8084, [
      "--port=8081",
      "--metrics-port=8084",
      `--redis=${REDIS}`,
      "--disable-tls",
    ]),
    controller(layout, "argocd-application-controller", "application-controller", 8082, [
      "--metrics-port=8082",
      `--redis=${REDIS}`,
      `--repo-server=${REPO_SERVER}`,
      "--repo-server-plaintext",
      // what perch renders for Argo CD's installation (core, manifests/platform)
      "--status-processors=50",
      "--operation-processors=50",
      "--kubectl-parallelism-limit=50",
    ]),
    controller(layout, "argocd-applicationset-controller", "applicationset-controller", 8086, [
      `--webhook-addr=:${PORTS.argocdWebhook}`,
      "--metrics-addr=:8086",
      "--probe-addr=:8085",
      `--argocd-repo-server=${REPO_SERVER}`,
      "--repo-server-plaintext",
    ]),
    controller(layout, "argocd-notifications", "notifications-controller", 9001, [
      "--metrics-port=9001",
      `--argocd-repo-server=${REPO_SERVER}`,
      "--argocd-repo-server-plaintext",
    ]),
  ];
}

function controller(
  layout: Layout,
  role: (typeof ARGOCD_ROLES)[number],
  account: string,
  probePort: number,
  flags: readonly string[],
): ProcessSpec {
  const data = join(layout.state, "argocd");
  // these two have no health endpoint that answers 200
  const probe = /notifications|applicationset/.test(role) ? "metrics" : "healthz";
  return {
    name: role,
    network: layout.network,
    command: [join(layout.bin, role), ...flags],
    env: {
      KUBECONFIG: join(layout.etc, `argocd-${account}.kubeconfig`),
      // in-cluster destinations mean the kubeconfig, since these processes are no pods
      ARGOCD_FAKE_IN_CLUSTER: "true",
      ARGOCD_TLS_DATA_PATH: join(data, "tls"),
      ARGOCD_SSH_DATA_PATH: join(data, "ssh"),
      ARGOCD_GPG_ENABLED: "false",
      GIT_CONFIG_GLOBAL: gitConfigOf(layout),
      ARGOCD_BINARY_NAME: role,
      POD_NAMESPACE: "argocd",
      HOME: data,
      TMPDIR: join(data, "tmp"),
    },
    ready: ["curl", "-fs", "-o", "/dev/null", `http://127.0.0.1:${probePort}/${probe}`],
    readyWithinSeconds: 90,
  };
}
