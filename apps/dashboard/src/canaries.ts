import type { PullRequestStatus, StatusDocument, VariantStatus } from "@perch/core";

/** The canaries of one pull request, in the order of `perch.yaml`. */
export function canariesOf(status: StatusDocument, { number, services }: PullRequestStatus): VariantStatus[] {
  return status.services
    .filter(({ service }) => services.includes(service))
    .flatMap(({ canaries }) => canaries.filter(({ pr }) => pr === number));
}

/** A variant by service and PR; `undefined` when there is none. */
export function findVariant(
  status: StatusDocument,
  service: string,
  pr: number | undefined,
): VariantStatus | undefined {
  const found = status.services.find((one) => one.service === service);
  return pr === undefined ? found?.stable : found?.canaries.find((canary) => canary.pr === pr);
}

/** Pull requests from several repositories number their changes apart: a number alone says little there. */
export function hasSeveralRepositories({ sources }: StatusDocument): boolean {
  return sources.length > 1;
}

/** Whether a cluster's objects tell it: then there is no engine with logs, measurements and a way to try. */
export function isOfCluster(status: StatusDocument): boolean {
  return "cluster" in status;
}

/** A selector to try, and what it asks for. */
export interface Suggestion {
  readonly selector: string;
  readonly what: string;
}

/** The selectors of what runs, and one that mixes two services' canaries where the bare number could not. */
export function suggestions({ services }: StatusDocument): Suggestion[] {
  const canaries = services.flatMap((service) => service.canaries);
  const byCanary = new Map<string, string[]>();
  for (const { selector, service, pr } of canaries) {
    if (selector === undefined) continue;
    const who = byCanary.get(selector) ?? [`PR ${pr}:`];
    byCanary.set(selector, [...who, service]);
  }
  const single = [...byCanary].map(([selector, who]) => ({ selector, what: who.join(" ") }));
  const mixed = mixedSelector(canaries);
  return mixed === undefined || byCanary.has(mixed)
    ? single
    : [...single, { selector: mixed, what: "a canary of each" }];
}

function mixedSelector(canaries: readonly VariantStatus[]): string | undefined {
  const newest = new Map<string, number>();
  for (const { service, pr } of canaries) if (pr !== undefined) newest.set(service, pr);
  // The same PR of all is what its number alone says.
  if (newest.size < 2 || newest.size > 16 || new Set(newest.values()).size < 2) return undefined;
  return [...newest].map(([service, pr]) => `${service}=${pr}`).join(",");
}
