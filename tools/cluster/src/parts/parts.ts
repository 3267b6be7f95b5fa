import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Folder of the build scripts, one folder a part. */
export const PARTS_FOLDER = join(import.meta.dirname, "..", "..", "parts");

/** An executable of the bed. */
export interface Tool {
  /** Its command name, by which it is looked for on PATH. */
  readonly name: string;
  /** Arguments that make it print its version; absent: one is as good as another. */
  readonly versionArgs?: readonly string[];
  /** Version that it is built from; another one on PATH serves too if major and minor are the same. */
  readonly version: string;
}

/** What is built together: by `parts/<name>/build.sh OUTPUT_FOLDER`. */
export interface Part {
  readonly name: PartName;
  readonly tools: readonly Tool[];
  /** How long a first build takes on two cores, for people who wait. */
  readonly minutes: number;
}

export type PartName = "kube" | "metrics-server" | "traefik" | "argocd" | "kustomize" | "dynamodb" | "crds";

type Versions = Readonly<Record<PartName, Readonly<Record<string, string>>>>;

/** Every pinned version, by part and tool. go.mod and pom.xml files agree with it; a test holds that. */
export const VERSIONS: Versions = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "..", "versions.json"), "utf8"),
);

const kubernetes = VERSIONS.kube.kubernetes ?? "";

function kubernetesTool(name: string, ...versionArgs: string[]): Tool {
  return { name, version: kubernetes, versionArgs };
}

function tool(part: PartName, name: string, ...versionArgs: string[]): Tool {
  const version = VERSIONS[part][name] ?? "";
  return versionArgs.length === 0 ? { name, version } : { name, version, versionArgs };
}

/** All parts, in the order of building. */
export const PARTS: readonly Part[] = [
  {
    name: "kube",
    minutes: 6,
    tools: [
      kubernetesTool("kube-apiserver", "--version"),
      kubernetesTool("kube-controller-manager", "--version"),
      kubernetesTool("kube-scheduler", "--version"),
      kubernetesTool("kubelet", "--version"),
      kubernetesTool("kube-proxy", "--version"),
      kubernetesTool("kubectl", "version", "--client"),
      tool("kube", "etcd", "--version"),
      tool("kube", "coredns", "-version"),
      { name: "pause", version: kubernetes },
    ],
  },
  {
    name: "metrics-server",
    minutes: 3,
    tools: [tool("metrics-server", "metrics-server", "--version")],
  },
  { name: "traefik", minutes: 6, tools: [tool("traefik", "traefik", "version")] },
  { name: "argocd", minutes: 8, tools: [tool("argocd", "argocd", "version", "--client", "--short")] },
  { name: "kustomize", minutes: 1, tools: [tool("kustomize", "kustomize", "version")] },
  { name: "dynamodb", minutes: 1, tools: [tool("dynamodb", "dynamodb-local")] },
  { name: "crds", minutes: 1, tools: [] },
];
