import { githubApiUrl } from "../../github-api.ts";
import { ARGOCD_NAMESPACE } from "../apps/projects.ts";
import type { Described } from "../object.ts";
import type { Project } from "../project.ts";
import { externalSecret, remoteRef } from "../secrets.ts";
import { NOTIFICATIONS_SECRET } from "./notifications.ts";

const SECRET_TYPE = "argocd.argoproj.io/secret-type";

/** Key of the store for each key of a Secret. */
type Keys = Readonly<Record<string, string>>;

const TOKEN: Keys = { token: "argocd/github-token" };
const APP: Keys = {
  githubAppID: "argocd/github-app-id",
  githubAppInstallationID: "argocd/github-app-installation-id",
  githubAppPrivateKey: "argocd/github-app-private-key",
};

/** What Argo CD needs to be told by GitHub, to ask it, and to clone: references, never values. */
export function argocdSecrets(project: Project): Described[] {
  const place = { namespace: ARGOCD_NAMESPACE, store: project.cluster.secretStores.stable };
  const one = (name: string, keys: Keys, target: object = {}) =>
    externalSecret(name, place, { target, data: dataOf(keys) });
  const url = hostOrOwner(project);
  return [
    {
      object: one(
        "argocd-webhook",
        { "webhook.github.secret": "argocd/github-webhook" },
        { name: "argocd-secret", creationPolicy: "Merge" },
      ),
      why: "The secret of GitHub's webhooks; without it anybody can make Argo CD list pull requests.",
    },
    ...(project.cluster.githubAuth === "app"
      ? [
          {
            object: one(
              "github-app",
              APP,
              template("repo-creds", { type: "git", url, ...passedOn(APP), ...appServer(project) }),
            ),
            why: "The GitHub App, for pull requests and for clones.",
          },
          {
            object: one("argocd-notifications", APP, { name: NOTIFICATIONS_SECRET, creationPolicy: "Merge" }),
            why: "The same App gives GitHub Deployments their status: it may write deployments.",
          },
        ]
      : [
          {
            object: one("github-token", TOKEN, template("scm-creds", passedOn(TOKEN))),
            why: "May read pull requests, and nothing else.",
          },
          {
            object: one(
              "github-repositories",
              TOKEN,
              template("repo-creds", { type: "git", url, username: "perch", password: "{{ .token }}" }),
            ),
            why: "The same token to clone private repositories: it may read contents.",
          },
        ]),
  ];
}

function dataOf(keys: Keys): object[] {
  return Object.entries(keys).map(([secretKey, key]) => ({ secretKey, remoteRef: remoteRef(key) }));
}

/** A template of External Secrets: a label, and more than the store has. */
function template(type: string, data: Keys): object {
  return {
    template: {
      engineVersion: "v2",
      mergePolicy: "Replace",
      metadata: { labels: { [SECRET_TYPE]: type } },
      data,
    },
  };
}

function passedOn(keys: Keys): Keys {
  return Object.fromEntries(Object.keys(keys).map((key) => [key, `{{ .${key} }}`]));
}

/** Where an App's token for clones is fetched, unless at github.com. */
function appServer({ cluster: { github } }: Project): Keys {
  return github === "https://github.com" ? {} : { githubAppEnterpriseBaseUrl: githubApiUrl(github) };
}

/** The narrowest address that all repositories begin with. */
function hostOrOwner({ cluster, services }: Project): string {
  const repositories = [...services.values()].map(({ repo }) => repo);
  const owners = new Set([...repositories, cluster.environmentRepo].map((repo) => repo.split("/")[0]));
  const [owner] = owners;
  return owners.size === 1 ? `${cluster.github}/${owner}` : cluster.github;
}
