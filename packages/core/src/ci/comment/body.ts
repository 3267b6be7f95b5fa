import { formatSelector, listSelector, MAX_SELECTOR_ENTRIES } from "@perch/header";
import type { Config } from "../../config/types.ts";
import { canarySelector, revisionOf } from "../../naming.ts";
import { type CiDeployment, canaryUrl } from "../deployment.ts";
import type { CiPullRequest } from "../pull-request.ts";
import { code, link } from "./markdown.ts";

/** One canary of a pull request, as GitHub's deployments tell. */
export interface CanaryFeedback {
  readonly service: string;
  /** Of the pull request's head; undefined: nothing is known of it yet. */
  readonly current?: CiDeployment;
  /** Of an earlier head, which serves until the current one does. */
  readonly serving?: CiDeployment;
}

export interface CommentFacts {
  readonly config: Config;
  readonly pullRequest: CiPullRequest;
  readonly canaries: readonly CanaryFeedback[];
}

/** Hidden in the comment, so that the next run finds it; one for each environment. */
export function commentMarker({ project }: Config): string {
  return `<!-- perch:${project} -->`;
}

/** The whole comment; undefined: there is nothing to say unless something was said before. */
export function commentBody(facts: CommentFacts): string | undefined {
  const { pullRequest, canaries, config } = facts;
  if (!pullRequest.isOpen) return undefined;
  if (canaries.length === 0) return pullRequest.isTrusted ? undefined : page(config, [FORK]);
  return page(config, [table(facts), ...howToUse(facts), ...(pullRequest.isTrusted ? [] : [FORK])]);
}

/** What an earlier comment becomes when there is no canary any more. */
export function endedBody({ config, pullRequest }: CommentFacts): string {
  return page(config, [
    pullRequest.isOpen
      ? "No service of this pull request has a canary: its requests reach stable."
      : "The pull request is closed: its canaries, their namespaces and routes are gone.",
  ]);
}

const FORK = `This pull request comes from a fork or a bot, so its code gets no secrets. A maintainer who has read a head starts its build
with the workflow *canary-fork*, with the number and the head's full commit hash. A new push takes the canary away again.`;

function page(config: Config, parts: readonly string[]): string {
  return `${[commentMarker(config), `### Canaries in ${code(config.project)}`, ...parts].join("\n\n")}\n`;
}

function table({ config, pullRequest, canaries }: CommentFacts): string {
  const rows = canaries.map(({ service, current, serving }) => {
    const revision = code(revisionOf(pullRequest.head));
    const share = link("share link", canaryUrl(config, service, pullRequest.number));
    const isReachable = current?.status?.state === "success" || serving !== undefined;
    return `| ${code(service)} | ${revision} | ${stateText(current, serving)} | ${isReachable ? share : ""} |`;
  });
  return ["| service | revision | state | |", "|---|---|---|---|", ...rows].join("\n");
}

const STATES: Readonly<Record<string, string>> = {
  success: "serves",
  in_progress: "is starting: its image is there",
  inactive: "ended",
};

function stateText(current: CiDeployment | undefined, serving: CiDeployment | undefined): string {
  const status = current?.status;
  const still = serving === undefined ? "" : `; ${code(revisionOf(serving.sha))} still serves`;
  if (status?.state !== "failure" && status?.state !== "error")
    return `${STATES[status?.state ?? ""] ?? "waits for its image"}${still}`;
  const reason = status.description === "" ? "" : `: ${code(status.description)}`;
  const log = status.logUrl === "" ? "" : ` (${link("log", status.logUrl)})`;
  return `**failed**${reason}${log}${still}`;
}

function howToUse({ config, pullRequest, canaries }: CommentFacts): string[] {
  const selector = selectorText(config, pullRequest.number, canaries);
  const { host, tls } = config.edge;
  const path = canaries
    .map(({ service }) => config.services.get(service)?.edge)
    .find((edge) => edge !== undefined);
  const url = `${tls ? "https" : "http"}://${host}${path ?? "/"}`;
  return [
    ["```sh", `curl -i -H 'X-Canary: ${selector}' ${url}`, "```"].join("\n"),
    `The answer's \`X-Canary-Trail\` says which service was served by what. In a browser: open a share link, or choose ${code(selector)} for
${code(host)} in the perch extension. A canary that is not ready answers 503, never stable in its place.`,
  ];
}

/** One value for all canaries; in several repositories, a list of as many as a selector takes. */
function selectorText(config: Config, pr: number, canaries: readonly CanaryFeedback[]): string {
  const repositories = new Set([...config.services.values()].map(({ repo }) => repo)).size;
  const [first, ...more] = canaries.slice(0, MAX_SELECTOR_ENTRIES).map(({ service }) => service);
  if (repositories === 1 || first === undefined) return String(pr);
  if (more.length === 0) return formatSelector(canarySelector({ service: first, pr }, repositories));
  return formatSelector(listSelector([first, ...more].map((service) => [service, pr] as const)));
}
