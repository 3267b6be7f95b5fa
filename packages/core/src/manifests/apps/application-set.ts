import type { ServiceConfig } from "../../config/types.ts";
import { generatorApi } from "../../github-api.ts";
import { baseFolder } from "../base/index.ts";
import { canaryFolder } from "../canary/index.ts";
import { PART_LABEL, PR_LABEL, SERVICE_LABEL } from "../names.ts";
import type { Described, Note } from "../object.ts";
import { gitUrl, type Project } from "../project.ts";
import { ARGOCD_NAMESPACE, SERVER } from "./projects.ts";
import { FINALIZER, RETRY } from "./stable-applications.ts";
import { templatePatch } from "./template-patch.ts";

/** Seconds between two looks at GitHub; a webhook makes it look at once. The default of 30 minutes is no way to work. */
export const POLL_SECONDS = 60;

/** The label that CI sets once the image of a head was pushed: `canary/store`. */
export function gateLabel(service: string): string {
  return `canary/${service}`;
}

/** What is left of 63 characters, a label's length, for a repository and a number behind it. */
const LONGEST_REPOSITORY = 50;

/**
 * Repository → name of its ApplicationSet: `canaries-acme-shop`. Different repositories may read alike without the
 * characters that a name cannot have; the later one then gets a number.
 */
export function applicationSetNames(repositories: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const repo of repositories) {
    const plain = repo.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
    const base = `canaries-${plain.slice(0, LONGEST_REPOSITORY).replace(/-$/, "")}`;
    let name = base;
    for (let number = 2; taken.has(name); number += 1) name = `${base}-${number}`;
    taken.add(name);
    names.set(repo, name);
  }
  return names;
}

/**
 * Every open pull request of one repository × each of its services whose gate label it carries × two parts. One set a
 * repository, and not one a service: each listing is a request to GitHub.
 */
export function applicationSet(project: Project, repo: string, name: string): Described {
  const services = [...project.services.values()].filter((service) => service.repo === repo);
  return {
    why: `Canaries of ${repo}. Deleting this deletes every one of them.`,
    notes: NOTES,
    object: {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "ApplicationSet",
      metadata: { name, namespace: ARGOCD_NAMESPACE },
      spec: {
        goTemplate: true,
        goTemplateOptions: ["missingkey=error"],
        generators: [
          {
            matrix: {
              generators: [
                { pullRequest: pullRequests(project, repo) },
                { list: { elementsYaml: elements(project, repo, services) } },
              ],
            },
          },
        ],
        syncPolicy: { applicationsSync: "sync", preserveResourcesOnDeletion: false },
        ignoreApplicationDifferences: [{ jsonPointers: ["/spec/syncPolicy"] }],
        template: applicationTemplate(project),
        templatePatch: templatePatch(project, services),
      },
    },
  };
}

const NOTES: readonly Note[] = [
  [
    ["spec", "generators", 0, "matrix", "generators", 1],
    `Total: an error in one element would stop every pull request. Only the number, the head and names of perch.yaml appear.
The platform comes first, and so is made first: pods whose ServiceAccount is not there yet are tried again ever later.
A workload follows the ref and not the sha: a sync that fails retries its source, and a sha stays the old one.`,
  ],
  [
    ["spec", "template", "spec", "syncPolicy", "syncOptions", 1],
    "The API server refuses unknown fields of a server-side apply by itself; the client's check costs half of the controller's time.",
  ],
  [["spec", "ignoreApplicationDifferences"], "Lets people pause one canary."],
  [["spec", "templatePatch"], "Text, until it is rendered: nothing that an author chooses is in it."],
];

function pullRequests({ cluster }: Project, repo: string): object {
  const [owner, name] = repo.split("/");
  const { githubAuth, branch } = cluster;
  const api = generatorApi(cluster.github, githubAuth);
  return {
    github: {
      owner,
      repo: name,
      ...(api !== undefined && { api }),
      ...(githubAuth === "app"
        ? { appSecretName: "github-app" }
        : { tokenRef: { secretName: "github-token", key: "token" } }),
    },
    filters: [{ targetBranchMatch: `^${branch.replaceAll(/[.+]/g, "\\$&")}$` }],
    requeueAfterSeconds: POLL_SECONDS,
    // True would delete every canary on one 404.
    continueOnRepoNotFoundError: false,
  };
}

function elements(project: Project, repo: string, services: readonly ServiceConfig[]): string {
  const { environmentRepo, branch } = project.cluster;
  const one = (service: ServiceConfig) => `{{- if has "${gateLabel(service.name)}" $.labels }}
- part: platform
  service: ${JSON.stringify(service.name)}
  repo: ${JSON.stringify(gitUrl(project, environmentRepo))}
  revision: ${JSON.stringify(branch)}
  path: ${JSON.stringify(canaryFolder(service.name))}
- part: workload
  service: ${JSON.stringify(service.name)}
  repo: ${JSON.stringify(gitUrl(project, repo))}
  revision: "refs/pull/{{ $.number }}/head"
  path: ${JSON.stringify(baseFolder(service))}
{{- end }}
`;
  return services.map(one).join("");
}

function applicationTemplate({ project }: Project): object {
  return {
    metadata: {
      name: '{{ .service }}-canary-pr-{{ .number }}{{ if eq .part "platform" }}-platform{{ end }}',
      labels: {
        [SERVICE_LABEL]: "{{ .service }}",
        [PR_LABEL]: "{{ .number }}",
        [PART_LABEL]: "{{ .part }}",
      },
      finalizers: [FINALIZER],
    },
    spec: {
      project: `${project}-canary-{{ .part }}`,
      destination: { server: SERVER, namespace: "{{ .service }}-canary-pr-{{ .number }}" },
      source: { repoURL: "{{ .repo }}", targetRevision: "{{ .revision }}", path: "{{ .path }}" },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        retry: RETRY,
        syncOptions: ["ServerSideApply=true", "Validate=false"],
      },
    },
  };
}
