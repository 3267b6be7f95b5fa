import type { Described } from "../object.ts";
import type { Project } from "../project.ts";
import { gitUrl } from "../project.ts";
import { ARGOCD_NAMESPACE, appProjectName, SERVER } from "./projects.ts";
import { RETRY } from "./stable-applications.ts";

const unlessTrue = (parent: string, key: string) => `${parent} | select(.${key} == false) | .${key}`;

/** How Argo CD writes an ApplicationSet that it touched: what means the same. A flag that became true still shows. */
const WRITTEN_OTHERWISE = [
  ".spec.generators[].matrix.template",
  ".spec.generators[].matrix.generators[].pullRequest.template",
  ".spec.generators[].matrix.generators[].list.template",
  unlessTrue(".spec.generators[].matrix.generators[].pullRequest", "continueOnRepoNotFoundError"),
  unlessTrue(".spec.syncPolicy", "preserveResourcesOnDeletion"),
];

/**
 * The Application of what `kubectl apply -k manifests` applied: later changes of that come from git too. It has no
 * finalizer, so that deleting it deletes nothing else.
 * @param path the folder, in the environment repository
 */
export function rootApplication(project: Project, path: string): Described {
  const { environmentRepo, branch } = project.cluster;
  return {
    object: {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      metadata: { name: `${project.project}-root`, namespace: ARGOCD_NAMESPACE },
      spec: {
        project: appProjectName(project, "root"),
        destination: { server: SERVER, namespace: ARGOCD_NAMESPACE },
        source: { repoURL: gitUrl(project, environmentRepo), targetRevision: branch, path },
        ignoreDifferences: [
          { group: "argoproj.io", kind: "ApplicationSet", jqPathExpressions: WRITTEN_OTHERWISE },
        ],
        syncPolicy: {
          automated: { prune: true, selfHeal: false },
          retry: RETRY,
          syncOptions: ["ServerSideApply=true"],
        },
      },
    },
    why: "This folder itself: for a service that is added to perch.yaml, a commit is enough.",
    notes: [
      [["spec", "ignoreDifferences"], "Argo CD itself drops what is false there, and adds empty templates."],
      [
        ["spec", "syncPolicy", "automated", "selfHeal"],
        "What somebody applies by hand, in need, stays until the next commit.",
      ],
    ],
  };
}
