import { isServiceName } from "@perch/header";
import { gateLabel } from "../manifests/index.ts";

/** A label came or went. */
export interface LabelChange {
  readonly label: string;
  readonly isSet: boolean;
  readonly isByBot: boolean;
}

export interface LabelFacts {
  /** Services of the repository, in the order of perch.yaml. */
  readonly services: readonly string[];
  /** Labels that the pull request carries. */
  readonly labels: readonly string[];
  /** Oldest first. */
  readonly events: readonly LabelChange[];
  /** Services whose image exists for the head. */
  readonly built: readonly string[];
}

/** What to do with the labels of a pull request; both in a fixed order. */
export interface LabelPlan {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** The gate labels afterwards. */
  readonly labels: readonly string[];
}

const PREFIX = gateLabel("");

/** Gate labels among others: those that decide whether a service has a canary. */
export function gateLabels(labels: readonly string[]): string[] {
  return labels.filter((label) => label.startsWith(PREFIX));
}

/** The service of a gate label; undefined: it is none. */
export function parseGateLabel(label: string): string | undefined {
  const service = label.startsWith(PREFIX) ? label.slice(PREFIX.length) : "";
  return isServiceName(service) ? service : undefined;
}

/** The services that a person labelled, of those that perch.yaml has: they want a canary though no path of theirs changed. */
export function labelledByPeople({ services, labels, events }: Omit<LabelFacts, "built">): string[] {
  return services.filter((service) => {
    const label = gateLabel(service);
    const last = events.findLast((event) => event.label === label);
    return labels.includes(label) && last?.isSet === true && !last.isByBot;
  });
}

/**
 * A service's gate label is there exactly when its image is, or when a person set it: that run is still to come, and
 * taking the label away would undo what they asked for.
 */
export function planLabels(facts: LabelFacts): LabelPlan {
  const byPeople = labelledByPeople(facts);
  const wanted = facts.services
    .filter((service) => facts.built.includes(service) || byPeople.includes(service))
    .map(gateLabel);
  return {
    add: wanted.filter((label) => !facts.labels.includes(label)),
    remove: gateLabels(facts.labels).filter((label) => !wanted.includes(label)),
    labels: wanted,
  };
}

/** All gate labels go: the pull request is closed, over the cap, or a fork's with a new push. */
export function planNoLabels(labels: readonly string[]): LabelPlan {
  return { add: [], remove: gateLabels(labels), labels: [] };
}

/**
 * Whether a pull request is among the newest that may have canaries (`canary.maxOpen`); the newest win, as on one machine.
 * @param others numbers of the repository's other open pull requests that carry a gate label
 */
export function isWithinCap(pr: number, others: readonly number[], maxOpen: number): boolean {
  return others.filter((other) => other > pr).length < maxOpen;
}
