import { formatSelector } from "@perch/header";
import type { Config, ServiceConfig } from "../config/types.ts";
import type { PerchErrorData } from "../errors.ts";
import { type Instance, newestUsable, runningByVariant } from "../instances.ts";
import { repositoriesOf } from "../manifests/project.ts";
import { canarySelector, shareLinkHost, variantName } from "../naming.ts";
import type { DesiredVariant, Plan, PlannedPullRequest } from "../plan/plan.ts";
import { problems } from "./problems.ts";
import type {
  EdgeStatus,
  EngineStatus,
  PullRequestStatus,
  ServiceStatus,
  SourceStatus,
  Status,
  VariantStatus,
} from "./types.ts";

/** What a status is made of. */
export interface StatusInput {
  readonly config: Config;
  readonly plan: Plan;
  readonly instances: readonly Instance[];
  readonly sources: readonly SourceStatus[];
  readonly engine: EngineStatus;
  readonly edge: EdgeStatus;
  /** Apex address by service. */
  readonly apex: ReadonlyMap<string, string>;
  /** Failures of the engine's own parts, such as the database. */
  readonly problems: Status["problems"];
}

/** One document of everything that the engine knows. */
export function status(input: StatusInput): Status {
  const { config, plan, sources, engine, edge } = input;
  const services = [...config.services.values()]
    .filter((service) => service.local !== undefined)
    .map((service) => serviceStatus(service, input));
  const variants = services.flatMap(({ stable, canaries }) => [stable, ...canaries]);
  return {
    project: config.project,
    engine,
    edge,
    sources,
    services,
    pullRequests: plan.pullRequests.map(pullRequestStatus),
    problems: [...input.problems, ...problems(sources, variants)],
    settled: isSettled(sources, variants, input.problems),
  };
}

/**
 * Nothing is on its way: every source has answered or failed, every variant serves what is wanted, has failed, or waits for what only a
 * person can mend.
 */
export function isSettled(
  sources: readonly SourceStatus[],
  variants: readonly VariantStatus[],
  problems: readonly PerchErrorData[],
): boolean {
  const isFull = problems.some(({ code }) => code === "DISK_NEARLY_FULL");
  const hasUnread = sources.some(({ lastSeen, error }) => lastSeen === undefined && error !== undefined);
  // What is queued without a revision is stable of a source that failed before it was ever read, where there is one.
  const isAtRest = ({ state, revision }: Pick<VariantStatus, "state" | "revision">) =>
    ["ready", "sleeping", "failed"].includes(state) ||
    (state === "queued" && (isFull || (revision === "" && hasUnread)));
  return (
    sources.every(({ lastSeen, error }) => lastSeen !== undefined || error !== undefined) &&
    variants.every((one) => isAtRest(one) && (one.next === undefined || isAtRest(one.next)))
  );
}

function serviceStatus(service: ServiceConfig, input: StatusInput): ServiceStatus {
  const running = runningByVariant(input.instances);
  const wanted = input.plan.variants.filter(({ variant }) => variant.service === service.name);
  const stable = wanted.find(({ variant }) => variant.pr === undefined);
  const canaries = wanted
    .filter(({ variant }) => variant.pr !== undefined)
    .map((desired) => canaryStatus(desired, running.get(variantName(desired.variant)) ?? [], input))
    .sort((a, b) => (a.pr ?? 0) - (b.pr ?? 0));
  const apex = input.apex.get(service.name);
  return {
    service: service.name,
    protocol: service.protocol,
    ...(service.edge === undefined ? {} : { edge: service.edge }),
    ...(apex === undefined ? {} : { apex }),
    stable:
      stable === undefined
        ? unseen(service.name, input)
        : variantStatus(stable, running.get(service.name) ?? []),
    canaries,
  };
}

/** Stable of a repository that was never read. */
function unseen(service: string, input: StatusInput): VariantStatus {
  return { service, state: "queued", since: input.engine.startedAt, revision: "", restarts: 0 };
}

function canaryStatus(
  desired: DesiredVariant,
  instances: readonly Instance[],
  input: StatusInput,
): VariantStatus {
  const base = variantStatus(desired, instances);
  const { service, pr } = desired.variant;
  return pr === undefined ? base : { ...base, ...waysTo({ service, pr }, input.config, input.edge) };
}

/** How a request gets to a canary: by a header, or by a URL. */
export function waysTo(
  canary: { readonly service: string; readonly pr: number },
  config: Config,
  edge: EdgeStatus,
): Required<Pick<VariantStatus, "selector" | "shareLink">> {
  const selector = canarySelector(canary, repositoriesOf(config).length);
  const url = new URL(edge.url);
  url.hostname = shareLinkHost(selector, url.hostname);
  return { selector: formatSelector(selector), shareLink: url.href };
}

function variantStatus(desired: DesiredVariant, instances: readonly Instance[]): VariantStatus {
  const { service, pr } = desired.variant;
  const wanted = instances.find((instance) => instance.commit === desired.commit);
  const serving = isServing(wanted) ? wanted : newestUsable(instances);
  const shown = serving ?? wanted;
  const next = shown === wanted ? undefined : wanted;
  return {
    service,
    ...(pr === undefined ? {} : { pr }),
    state: shown?.state ?? "queued",
    since: shown?.since ?? 0,
    revision: shown?.revision ?? desired.revision,
    ...(shown?.address === undefined ? {} : { address: shown.address }),
    ...(shown?.pid === undefined ? {} : { pid: shown.pid }),
    ...(shown?.waking === undefined ? {} : { waking: shown.waking }),
    restarts: shown?.restarts ?? 0,
    ...(next === undefined
      ? {}
      : { next: { revision: next.revision, state: next.state, since: next.since } }),
    ...(wanted?.failure === undefined ? {} : { failure: wanted.failure }),
  };
}

function isServing(wanted: Instance | undefined): wanted is Instance {
  return wanted?.state === "ready" || wanted?.state === "sleeping";
}

function pullRequestStatus({ pullRequest, services, skipped }: PlannedPullRequest): PullRequestStatus {
  const { repo, number, head, title } = pullRequest;
  return { repo, number, head, title, services, ...(skipped === undefined ? {} : { skipped }) };
}
