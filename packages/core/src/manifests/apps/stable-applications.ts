import type { Config } from "../../config/types.ts";
import type { Described, KubernetesObject } from "../object.ts";
import { gitUrl, type Project } from "../project.ts";
import { STABLE_COMMON, stableFolder } from "../stable/index.ts";
import { ARGOCD_NAMESPACE, appProjectName, type Part, SERVER } from "./projects.ts";

/**
 * Finite: an Application that retries is neither synced anew nor deleted, so a retry without end would block both.
 * Ten times three seconds is ample for what comes before its Namespace.
 */
export const RETRY = {
  limit: 10,
  refresh: true,
  backoff: { duration: "3s", factor: 1, maxDuration: "3s" },
};

/** What makes deleting an Application delete what it made. */
export const FINALIZER = "resources-finalizer.argocd.argoproj.io";

/** The name of the Application of a stable service: `shop-stable-api`. */
export function stableApplication({ project }: Config, service: string): string {
  return `${project}-stable-${service}`;
}

/** Stable: an Application for each service, and one for what they share. */
export function stableApplications(project: Project): Described[] {
  const { namespace } = project.cluster;
  return [
    {
      object: environmentApplication(project, {
        name: `${project.project}-stable-common`,
        part: "common",
        namespace,
        path: STABLE_COMMON,
      }),
    },
    ...[...project.services.keys()].map((service) => ({
      object: environmentApplication(project, {
        name: stableApplication(project, service),
        part: "stable",
        namespace,
        path: stableFolder(service),
      }),
    })),
  ];
}

interface EnvironmentPart {
  readonly name: string;
  readonly part: Part;
  readonly namespace: string;
  /** Folder of the environment repository. */
  readonly path: string;
}

/** An Application that follows a folder of the environment's repository. */
function environmentApplication(
  project: Project,
  { name, part, namespace, path }: EnvironmentPart,
): KubernetesObject {
  const { environmentRepo, branch } = project.cluster;
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name, namespace: ARGOCD_NAMESPACE, finalizers: [FINALIZER] },
    spec: {
      project: appProjectName(project, part),
      destination: { server: SERVER, namespace },
      source: { repoURL: gitUrl(project, environmentRepo), targetRevision: branch, path },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        retry: RETRY,
        syncOptions: ["ServerSideApply=true"],
      },
    },
  };
}
