import type { Described } from "../object.ts";
import type { Project } from "../project.ts";

const NAME = "perch-git";
const FOLDER = "/etc/perch-git";
const KEY = "gitconfig";

/**
 * What git of Argo CD's repo server may fetch: what is at the project's own code host. A pull request's kustomization can name a
 * base, and its `.gitmodules` a module, at a host of its author; Argo CD answers that host's question for credentials with those
 * of the pull request's repository (cmd/argocd-git-ask-pass asks nothing about the host).
 */
export function gitSettings({ cluster }: Project): Described {
  return {
    why: `A pull request's kustomization and its .gitmodules can name any address, and Argo CD gives whoever answers there the token
of the repository. Longer beginnings win: all but the code host's own lead nowhere.`,
    object: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: NAME },
      data: { [KEY]: gitConfig(cluster.github) },
    },
  };
}

/** `https::` and not only `https://`: git takes both. */
function gitConfig(github: string): string {
  return `[protocol]
  allow = never
[protocol "${new URL(github).protocol.slice(0, -1)}"]
  allow = always
[url "${github}/"]
  insteadOf = ${github}/
[url "elsewhere:"]
  insteadOf = https:
  insteadOf = http:
`;
}

/** A patch that gives them to git, whoever starts it there: Argo CD itself, or kustomize. */
export function repoServer(): Described {
  const container = {
    name: "argocd-repo-server",
    env: [{ name: "GIT_CONFIG_GLOBAL", value: `${FOLDER}/${KEY}` }],
    volumeMounts: [{ name: NAME, mountPath: FOLDER }],
  };
  return {
    object: {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "argocd-repo-server" },
      spec: {
        template: {
          spec: { containers: [container], volumes: [{ name: NAME, configMap: { name: NAME } }] },
        },
      },
    },
  };
}
