import { githubApiUrl } from "../../github-api.ts";
import { HEAD_ANNOTATION, PART_LABEL, PR_LABEL, SERVICE_LABEL } from "../names.ts";
import type { Described } from "../object.ts";
import { edgeServices, type Project, repositoriesOf } from "../project.ts";

const READY = "perch-canary-ready";
const DEGRADED = "perch-canary-degraded";
const REFUSED = "perch-canary-refused";
const UNBUILT = "perch-canary-unbuilt";

/** How a status begins by which the cluster says that a head does not serve. */
export const CLUSTER_FAILURES = {
  degraded: "The canary does not become healthy: ",
  refused: "The cluster refuses its manifests: ",
  unbuilt: "Its manifests do not build: ",
} as const;

/** Keys of a GitHub App, in the Secrets of Argo CD. */
export const NOTIFICATIONS_SECRET = "argocd-notifications-secret";

/**
 * What Argo CD says about a canary: that it serves its head, that it does not become healthy, and that its manifests are
 * refused, or do not build at all. It says so as the status of the GitHub Deployment that the workflow made, whose event
 * rewrites the comment. Argo CD writes to GitHub as an App only: with a token (`cluster.githubAuth`) the texts are there and a
 * team subscribes what it likes.
 */
export function notifications(project: Project): Described {
  const { cluster } = project;
  return {
    object: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "argocd-notifications-cm" },
      data: {
        ...(cluster.githubAuth === "app" && {
          "service.github": service(cluster.github),
          subscriptions: SUBSCRIPTIONS,
        }),
        [`template.${READY}`]: template(project, "success", "The canary serves this head."),
        [`template.${DEGRADED}`]: template(
          project,
          "error",
          `${CLUSTER_FAILURES.degraded}the log of its pods says why.`,
        ),
        [`template.${REFUSED}`]: template(project, "failure", REFUSAL),
        [`template.${UNBUILT}`]: template(project, "failure", DOES_NOT_BUILD, ANNOTATED_HEAD),
        [`trigger.on-${READY}`]: trigger(`app.status.health.status == 'Healthy' and ${OF_HEAD}`, READY),
        [`trigger.on-${DEGRADED}`]: trigger(
          `app.status.health.status == 'Degraded' and ${OF_HEAD}`,
          DEGRADED,
        ),
        [`trigger.on-${REFUSED}`]: trigger(
          `app.status.operationState?.phase in ['Error', 'Failed'] and ${REVISION} != nil`,
          REFUSED,
        ),
        [`trigger.on-${UNBUILT}`]: trigger(IS_UNBUILT, UNBUILT, HEAD),
      },
    },
    notes: [
      [
        ["data", `trigger.on-${READY}`],
        "Once for each head and each recovery; not while the image is of an earlier head, and not by a health of before the sync.",
      ],
      [
        ["data", `trigger.on-${UNBUILT}`],
        "Of a head that was never synced: what runs goes on when GitHub or Argo CD's own repository server are away for a while.",
      ],
    ],
  };
}

const REVISION = "app.status.operationState?.syncResult?.revision";

/** What was synced is not known of manifests that never built: the ApplicationSet says which head it made the Application of. */
const HEAD = `app.metadata.annotations?.['${HEAD_ANNOTATION}']`;

/** The image's tag ends with the first twelve digits of what was synced. */
const RUNS_HEAD = `any(app.spec.source.kustomize.images, # endsWith ${REVISION}[0:12])`;

const ANNOTATED_HEAD = `{{ index .app.metadata.annotations "${HEAD_ANNOTATION}" }}`;
const SYNCED_HEAD = "{{ .app.status.operationState.syncResult.revision }}";

const SYNCED = "time.Parse(app.status.operationState.finishedAt)";
const TURNED = "time.Parse(app.status.health.lastTransitionTime ?? app.status.operationState.finishedAt)";

/**
 * For a moment after a sync the health is still that of what ran before: of a push that mends a sick canary it would say that it is sick.
 * So it has to have turned since, or to have been looked at once more a good while later, should nobody have seen it turn.
 */
const SEEN_SINCE = `(not ${TURNED}.Before(${SYNCED}) or time.Parse(app.status.reconciledAt).After(${SYNCED}.Add(30 * time.Second)))`;

/** The health is that of the head: its manifests are synced, with its image. */
const OF_HEAD = `app.status.operationState?.phase == 'Succeeded' and ${RUNS_HEAD} and ${SEEN_SINCE}`;

/** What stands before a reason, in more than the 140 characters that GitHub takes: who refused, by which rule; what Argo CD did. */
const DENIED = "(?s)^.*? denied request: ";
const ATTEMPTED =
  "(?s)^.*?rpc error: code = \\w+ desc = (Manifest generation error \\(cached\\): )?(`[^`]*` failed exit status \\d+: )?(Error: )?";

/** What would make more than one line of it, or hide what it says. */
const SPACES = "[\\s\\pC]+";

/** Its author names files and fields, and so writes into the reason: one short line, also where a team sends it elsewhere. */
function reason(preamble: string): string {
  return `{{ regexFind "^.{0,400}" (regexReplaceAll ${JSON.stringify(SPACES)} (regexReplaceAll ${JSON.stringify(preamble)} (default "" .message) "") " ") }}`;
}

/** What was refused, and why: the message of the whole operation says no more than that something was. */
const FAILED = `{{ range .app.status.operationState.syncResult.resources }}{{ if eq (printf "%v" .status) "SyncFailed" }}{{ .kind }} {{ .name }}: ${reason(DENIED)}; {{ end }}{{ end }}`;

const REFUSAL = `${CLUSTER_FAILURES.refused}${FAILED}{{ .app.status.operationState.message }}`;

/** The condition is that of this head, and not of the one before: status and conditions are written together. */
const COMPARED_HEAD = `any(app.status.sync?.comparedTo?.source?.kustomize?.images ?? [], # endsWith ${HEAD}[0:12])`;

const IS_UNBUILT = `${HEAD} != nil and ${REVISION} != ${HEAD} and any(app.status.conditions ?? [], #.type == 'ComparisonError') and ${COMPARED_HEAD}`;

const DOES_NOT_BUILD = `${CLUSTER_FAILURES.unbuilt}{{ range .app.status.conditions }}{{ if eq .type "ComparisonError" }}${reason(ATTEMPTED)} {{ end }}{{ end }}`;

const PER_HEAD_AND_HEALTH = `${REVISION} + (app.status.health?.lastTransitionTime ?? '')`;

/** Quoted: a number sign after a space would begin a comment of YAML. */
function trigger(when: string, name: string, once = PER_HEAD_AND_HEALTH): string {
  const ofCanary = `app.metadata.labels?.['${PART_LABEL}'] == 'workload'`;
  return `- when: ${JSON.stringify(`${ofCanary} and ${when}`)}
  oncePer: ${JSON.stringify(once)}
  send: [${name}]
`;
}

/** `app.metadata.name` is the environment: a workload Application is called like its canary. */
function template(project: Project, state: string, message: string, head = SYNCED_HEAD): string {
  return `message: ${JSON.stringify(message)}
github:
  repoURLPath: "{{ .app.spec.source.repoURL }}"
  revisionPath: ${JSON.stringify(head)}
  deployment:
    state: ${state}
    environment: "{{ .app.metadata.name }}"
    environmentURL: ${JSON.stringify(state === "success" ? shareLink(project) : "")}
    requiredContexts: []
    autoMerge: false
    transientEnvironment: true
`;
}

const SERVICE = `(index .app.metadata.labels "${SERVICE_LABEL}")`;
const PR = `{{ index .app.metadata.labels "${PR_LABEL}" }}`;

/** The share link of any canary, as a Go template: what canaryUrl() makes of one. */
function shareLink(project: Project): string {
  const { host, tls } = project.edge;
  const label = repositoriesOf(project).length > 1 ? `{{ ${SERVICE} }}-pr-${PR}` : `pr-${PR}`;
  const paths = edgeServices(project)
    .filter(({ edge }) => edge !== "/")
    .map(({ name, edge }) => `if eq ${SERVICE} "${name}" }}${edge}{{ else `);
  const path = paths.length === 0 ? "/" : `{{ ${paths.join("")}}}/{{ end }}`;
  return `${tls ? "https" : "http"}://${label}.${host}${path}`;
}

/** References to the App's keys: the values are in the Secret. */
function service(github: string): string {
  const server = github === "https://github.com" ? "" : `enterpriseBaseURL: ${githubApiUrl(github)}\n`;
  return `appID: $githubAppID
installationID: $githubAppInstallationID
privateKey: $githubAppPrivateKey
${server}`;
}

const SUBSCRIPTIONS = `- recipients: [github]
  selector: ${PART_LABEL}=workload
  triggers: [on-${READY}, on-${DEGRADED}, on-${REFUSED}, on-${UNBUILT}]
`;
