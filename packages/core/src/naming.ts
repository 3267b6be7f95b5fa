import { isPrNumber, isServiceName, listSelector, prSelector, type Selector } from "@perch/header";
import type { Variant } from "./instances.ts";

// Every name here is a public contract: changing one replaces users' resources. Golden-tested.

/** Hex digits of a commit that perch shows and tags images with: enough to be unique, short enough for a label. */
export const REVISION_LENGTH = 12;

/** The revision of a commit: its first 12 hex digits. */
export function revisionOf(commit: string): string {
  return commit.slice(0, REVISION_LENGTH);
}

/** The namespace of a canary, which is also its name wherever one word must do: `api-canary-pr-7`. */
export function canaryName(service: string, pr: number): string {
  return `${service}-canary-pr-${pr}`;
}

/** One word for a variant: `api` for stable, `api-canary-pr-7` for a canary. Service names may not contain `-canary-pr-`. */
export function variantName(variant: Variant): string {
  return variant.pr === undefined ? variant.service : canaryName(variant.service, variant.pr);
}

/** The variant of that name; `undefined` when it is none. */
export function parseVariantName(name: string): Variant | undefined {
  const match = /^(.+)-canary-pr-([1-9][0-9]{0,9})$/.exec(name);
  if (match === null) return isServiceName(name) ? { service: name } : undefined;
  const service = match[1] ?? "";
  return isServiceName(service) ? { service, pr: Number(match[2]) } : undefined;
}

/**
 * The value of `X-Canary` that reaches one canary. Several repositories number their pull requests apart, so there the
 * list form is printed; in one repository the bare number also takes the PR's other canaries along.
 */
export function canarySelector(variant: { service: string; pr: number }, repositories: number): Selector {
  return repositories > 1 ? listSelector([[variant.service, variant.pr]]) : prSelector(variant.pr);
}

/** The host that selects a canary without a header: `pr-123.<edgeHost>`, or `store-pr-45.<edgeHost>` for a list of one. */
export function shareLinkHost(selector: Selector, edgeHost: string): string {
  if (selector.kind === "pr") return `pr-${selector.pr}.${edgeHost}`;
  const [only, ...more] = selector.entries;
  if (only === undefined || more.length > 0)
    throw new RangeError("A share link names one canary, not a list of several.");
  return `${only[0]}-pr-${only[1]}.${edgeHost}`;
}

/**
 * The selector of a share link's host; `undefined` for any other host.
 * @param host as in the Host header: any case, with or without port and final dot.
 * @param edgeHosts lower case, without port.
 */
export function parseShareLink(host: string, edgeHosts: readonly string[]): Selector | undefined {
  const dot = host.indexOf(".");
  const match = dot === -1 ? null : /^(?:(.+)-)?pr-([0-9]+)$/i.exec(host.slice(0, dot));
  if (match === null) return undefined;
  const edgeHost = host
    .slice(dot + 1)
    .toLowerCase()
    .replace(/:\d*$/, "")
    .replace(/\.$/, "");
  if (!edgeHosts.includes(edgeHost)) return undefined;
  const [, prefix, digits = ""] = match;
  const service = prefix?.toLowerCase();
  const pr = Number(digits);
  if (!isPrNumber(pr) || String(pr) !== digits) return undefined;
  if (service === undefined) return prSelector(pr);
  return isServiceName(service) ? listSelector([[service, pr]]) : undefined;
}
