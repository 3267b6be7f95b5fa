import { ARGOCD_NAMESPACE } from "../apps/projects.ts";
import { kustomizationFile, type ManifestFile, manifestFile } from "../file.ts";
import type { Described, KubernetesObject } from "../object.ts";
import type { Project } from "../project.ts";
import { gitSettings, repoServer } from "./argocd-git.ts";
import { argocdSecrets } from "./argocd-secrets.ts";
import { notifications } from "./notifications.ts";

const VERSION = "v3.2.11";

/** Argo CD with its settings, and its credentials as references to the secret store; both in folders below `parent`. */
export function argocdFiles(project: Project, parent: string): ManifestFile[] {
  return [...install(project, `${parent}/argocd`), ...credentials(project, `${parent}/argocd-credentials`)];
}

function install(project: Project, folder: string): ManifestFile[] {
  const upstream = `https://raw.githubusercontent.com/argoproj/argo-cd/${VERSION}/manifests/install.yaml`;
  const content = {
    namespace: ARGOCD_NAMESPACE,
    resources: ["namespace.yaml", upstream, "git.yaml"],
    patches: ["settings", "parameters", "notifications", "repo-server"].map((name) => ({
      path: `${name}.yaml`,
    })),
  };
  return [
    kustomizationFile(folder, content, {
      why: "Apply it with --server-side: one definition is too large otherwise.",
    }),
    manifestFile(`${folder}/namespace.yaml`, [{ object: namespace }]),
    manifestFile(`${folder}/git.yaml`, [gitSettings(project)]),
    manifestFile(`${folder}/repo-server.yaml`, [repoServer()]),
    manifestFile(`${folder}/settings.yaml`, [settings]),
    manifestFile(`${folder}/parameters.yaml`, [parameters]),
    manifestFile(`${folder}/notifications.yaml`, [notifications(project)]),
  ];
}

const namespace: KubernetesObject = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: ARGOCD_NAMESPACE },
};

const settings: Described = {
  object: {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "argocd-cm" },
    data: { "application.resourceTrackingMethod": "annotation" },
  },
  notes: [
    [
      ["data", "application.resourceTrackingMethod"],
      "Its default, written out: the admission policies read the annotation.",
    ],
  ],
};

/** Each Application in flight waits for the API server most of the time, and holds a processor meanwhile. */
const IN_FLIGHT = "50";

const parameters: Described = {
  object: {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "argocd-cmd-params-cm" },
    data: {
      "controller.status.processors": IN_FLIGHT,
      "controller.operation.processors": IN_FLIGHT,
      "controller.kubectl.parallelism.limit": IN_FLIGHT,
    },
  },
  why: "A pull request is up to two Applications a service: by default ten are synced or removed at a time, and a close waits behind the syncs of others.",
};

function credentials(project: Project, folder: string): ManifestFile[] {
  return [
    kustomizationFile(
      folder,
      { resources: ["secrets.yaml"] },
      { why: "Needs External Secrets, and the ClusterSecretStore that perch.yaml names for stable." },
    ),
    manifestFile(`${folder}/secrets.yaml`, argocdSecrets(project)),
  ];
}
