import type { Described } from "../object.ts";
import { gitUrl, type Project } from "../project.ts";
import { STABLE_COMMON, stableFolder } from "../stable/index.ts";
import { ARGOCD_NAMESPACE, appProjectName, SERVER } from "./projects.ts";

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

/** Stable: an Application for each service, and one for what they share. */
export function stableApplications(project: Project): Described[] {
  return [
    application(project, `${project.project}-stable-common`, STABLE_COMMON),
    ...[...project.services.keys()].map((service) =>
      application(project, `${project.project}-stable-${service}`, stableFolder(service)),
    ),
  ];
}

function application(project: Project, name: string, path: string): Described {
  const { namespace, environmentRepo, branch } = project.cluster;
  return {
    object: {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      metadata: { name, namespace: ARGOCD_NAMESPACE, finalizers: [FINALIZER] },
      spec: {
        project: appProjectName(project, "stable"),
        destination: { server: SERVER, namespace },
        source: { repoURL: gitUrl(project, environmentRepo), targetRevision: branch, path },
        syncPolicy: {
          automated: { prune: true, selfHeal: true },
          retry: RETRY,
          syncOptions: ["ServerSideApply=true"],
        },
      },
    },
  };
}
