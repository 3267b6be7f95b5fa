import { parseSelector } from "@perch/header";
import type { LiveCanary } from "../canaries/canaries.ts";
import { canonical } from "../options/options.ts";

/** Pull requests by service, as a selector's list form has them; a service that is not there is stable. */
export type Entries = ReadonlyMap<string, number>;

/** What a text chooses for each service. A bare number is that of every service with a live canary of it. */
export function entriesOf(typed: string, canaries: readonly LiveCanary[]): Entries {
  const parsed = parseSelector(typed.trim());
  if (parsed.kind !== "valid") return new Map();
  const { selector } = parsed;
  if (selector.kind === "list") return selector.entries;
  const meant = canaries.filter(({ number }) => number === selector.pr);
  return new Map(meant.flatMap(({ services }) => services.map(({ service }) => [service, selector.pr])));
}

/**
 * The text of a list with another choice for one service; of none, an empty one. It is not yet looked at: whoever shows
 * it says what is wrong with it.
 * @param pr undefined: stable
 */
export function withEntry(entries: Entries, service: string, pr: number | undefined): string {
  const changed = new Map(entries);
  if (pr === undefined) changed.delete(service);
  else changed.set(service, pr);
  const text = [...changed].map(([name, number]) => `${name}=${number}`).join(",");
  return canonical(text) ?? text;
}

/** A pull request to choose for a service. */
export interface Choice {
  readonly pr: number;
  /** Of the live canary; absent: there is none. */
  readonly title?: string;
}

/** What can be chosen for each service: its live canaries, and what is chosen already. By service name. */
export function choicesOf(canaries: readonly LiveCanary[], entries: Entries): Map<string, Choice[]> {
  const choices = new Map<string, Choice[]>();
  for (const { number, title, services } of canaries) {
    for (const { service } of services)
      choices.set(service, [...(choices.get(service) ?? []), { pr: number, title }]);
  }
  for (const [service, pr] of entries) {
    const live = choices.get(service) ?? [];
    if (!live.some((choice) => choice.pr === pr)) choices.set(service, [...live, { pr }]);
  }
  return new Map([...choices].sort(([a], [b]) => (a < b ? -1 : 1)));
}
