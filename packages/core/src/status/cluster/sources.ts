import type { Config } from "../../config/types.ts";
import { applicationSetNames } from "../../manifests/apps/application-set.ts";
import { repositoriesOf } from "../../manifests/project.ts";
import type { SourceStatus } from "../types.ts";
import { oneLine } from "./cause.ts";
import type { ClusterReading } from "./cluster-status.ts";
import { type ApplicationSet, condition, epoch } from "./objects.ts";
import { isRead } from "./unread.ts";

/** How the ApplicationSets of the repositories fare, which know what pull requests there are. Those that cannot be read are left out. */
export function clusterSources(config: Config, { applicationSets, unread }: ClusterReading): SourceStatus[] {
  if (!isRead(unread, "applicationsets")) return [];
  const names = applicationSetNames(repositoriesOf(config));
  return [...names].map(([repo, name]) => {
    const found = applicationSets.find(({ metadata }) => metadata.name === name);
    const remote = `${config.cluster.github}/${repo}`;
    return { repo, remote, ...sourceState(found, name) };
  });
}

function sourceState(
  found: ApplicationSet | undefined,
  name: string,
): Pick<SourceStatus, "lastSeen" | "error"> {
  if (found === undefined) {
    return {
      error: {
        code: "SOURCE_UNREACHABLE",
        message: `There is no ApplicationSet ${name} in argocd: no pull request gets a canary.`,
        hint: "`kubectl apply -k manifests` brings it; a deleted one comes back with the next commit to the environment repository.",
        fault: "environment",
      },
    };
  }
  const conditions = found.status?.conditions;
  const error = condition(conditions, "ErrorOccurred");
  if (error === undefined)
    return {
      lastSeen: epoch(
        found.metadata.creationTimestamp,
        ...(conditions ?? []).map((one) => one.lastTransitionTime),
      ),
    };
  return {
    error: {
      code: "SOURCE_UNREACHABLE",
      message: `Argo CD cannot make canaries by ${name}: ${oneLine(error.message ?? error.reason ?? "")}`,
      hint: `What was there before stays. \`kubectl -n argocd describe applicationset ${name}\`; often the token expired, or may not read pull requests.`,
      fault: "environment",
    },
  };
}
