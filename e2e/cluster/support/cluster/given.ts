import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImageArchive, githubControl, type Kubectl, repositoriesIn } from "@perch/cluster";
import { PerchError } from "@perch/core";
import { execa } from "execa";
import { readerOf } from "./reader.ts";
import type { TestCluster } from "./test-cluster.ts";

/** What the stories cannot know of a cluster that they did not make, by environment variable. */
const SETTINGS = {
  kubeconfig: ["PERCH_KUBECONFIG", "kubeconfig of an administrator (`make e2e KUBECONFIG=…`)"],
  edge: ["PERCH_EDGE", "URL of the edge's HTTP entry point, from this machine"],
  codeHost: ["PERCH_CODE_HOST", "URL of the code host (`npm run code-host`), from this machine"],
  codeHostInside: ["PERCH_CODE_HOST_INSIDE", "the same, as pods reach it"],
  repositories: ["PERCH_REPOSITORIES", "the code host's folder of repositories"],
  webhook: [
    "PERCH_WEBHOOK",
    "URL of the ApplicationSet controller's /api/webhook, as the code host reaches it",
  ],
  dynamodb: ["PERCH_DYNAMODB", "URL of a DynamoDB, as pods reach it"],
  images: ["PERCH_IMAGES", "program that is called as `load <archive> <name>` and as `tag <name> <name>`"],
} as const;

type Settings = Readonly<Record<keyof typeof SETTINGS, string>>;

/** Definitions of the parts that have to be there, and what answers for metrics. */
const PARTS = [
  "crd/applicationsets.argoproj.io",
  "crd/applications.argoproj.io",
  "crd/ingressroutes.traefik.io",
  "crd/grpcroutes.gateway.networking.k8s.io",
  "crd/externalsecrets.external-secrets.io",
  "apiservice/v1beta1.metrics.k8s.io",
];

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the environment names a cluster that is not the bed. */
export function isGiven(environment: Environment): boolean {
  return Boolean(environment.PERCH_KUBECONFIG);
}

/** The cluster that the environment names. Throws PerchError where a setting is missing. */
export async function attachGiven(environment: Environment): Promise<TestCluster> {
  const settings = settingsOf(environment);
  const kubectl = kubectlOf(settings.kubeconfig);
  const github = githubControl(settings.codeHost);
  return {
    ...readerOf("kubectl", settings.kubeconfig),
    kubeconfig: settings.kubeconfig,
    tools: undefined,
    kubectl,
    edge: settings.edge,
    inside: { github: settings.codeHostInside, dynamodb: settings.dynamodb },
    githubApi: settings.codeHost,
    github,
    git: repositoriesIn(settings.repositories),
    connectWebhook: async () =>
      github.setHooks([{ url: settings.webhook, secret: await webhookSecret(kubectl) }]),
    buildImage: async (request) => {
      const archive = await buildImageArchive(join(tmpdir(), "perch-e2e-images"), request);
      await execa(settings.images, ["load", archive, request.reference]);
    },
    tagImage: async (from, to) => {
      await execa(settings.images, ["tag", from, to]);
    },
    setRepoServerGit: undefined,
    faults: undefined,
  };
}

/** Throws PerchError with every part that the cluster lacks. */
export async function requireParts({ kubectl }: TestCluster): Promise<void> {
  const found = await Promise.all(
    PARTS.map((part) => kubectl(["get", part, "--ignore-not-found", "--output=name"])),
  );
  const missing = PARTS.filter((_, index) => found[index] === "");
  if (missing.length === 0) return;
  throw new PerchError({
    code: "CLUSTER_UNREACHABLE",
    message: `The cluster of KUBECONFIG lacks ${missing.join(", ")}.`,
    hint: "docs/kubernetes.md, step 4, says how each is installed.",
    fault: "environment",
  });
}

function settingsOf(environment: Environment): Settings {
  const entries = Object.entries(SETTINGS).map(([key, [name]]) => [key, environment[name] ?? ""] as const);
  const missing = Object.values(SETTINGS).filter(([name]) => !environment[name]);
  if (missing.length === 0) return Object.fromEntries(entries) as Settings;
  throw new PerchError({
    code: "USAGE",
    message: `The stories need more of a given cluster:\n${missing.map(([name, what]) => `  ${name}: ${what}`).join("\n")}`,
    hint: "Set them in the environment; docs/kubernetes.md shows each. Without KUBECONFIG the stories start a cluster of their own.",
    fault: "user",
  });
}

function kubectlOf(kubeconfig: string): Kubectl {
  return async (args, input) => {
    const options = input === undefined ? ({ stdin: "ignore" } as const) : { input };
    const { stdout } = await execa("kubectl", [`--kubeconfig=${kubeconfig}`, ...args], options);
    return stdout;
  };
}

async function webhookSecret(kubectl: Kubectl): Promise<string> {
  const text = await kubectl([
    ...["get", "secret/argocd-secret", "--namespace=argocd"],
    "--output=jsonpath={.data.webhook\\.github\\.secret}",
  ]);
  return Buffer.from(text, "base64").toString();
}
