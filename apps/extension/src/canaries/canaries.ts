import { canonical } from "../options/options.ts";

/** A pull request with canaries, to pick from. */
export interface LiveCanary {
  /** What to send. */
  readonly selector: string;
  readonly number: number;
  readonly title: string;
  /** In the order of the status API. */
  readonly services: readonly {
    readonly service: string;
    readonly state: string;
    readonly revision: string;
  }[];
}

const LONGEST = 200;

/** The live canaries of a status document; whatever is not as it should be is left out. */
export function liveCanaries(status: unknown): LiveCanary[] {
  const { services, pullRequests } = record(status);
  const titles = new Map(
    list(pullRequests).map((one) => [titleKey(one.number, one.services), text(one.title)]),
  );
  const bySelector = new Map<string, LiveCanary>();
  for (const service of list(services)) {
    for (const canary of list(service.canaries)) {
      const selector = canonical(canary.selector);
      if (selector === undefined || typeof canary.pr !== "number") continue;
      const known = bySelector.get(selector);
      const one = {
        service: text(service.service),
        state: text(canary.state),
        revision: text(canary.revision),
      };
      bySelector.set(selector, {
        selector,
        number: canary.pr,
        title: known?.title ?? titleOf(titles, canary.pr, one.service),
        services: [...(known?.services ?? []), one],
      });
    }
  }
  return [...bySelector.values()].sort((a, b) => b.number - a.number);
}

/** Pull requests of several repositories may share a number: their services tell them apart. */
function titleKey(number: unknown, services: unknown): string {
  return `${String(number)} ${Array.isArray(services) ? services.map(String).join(" ") : ""} `;
}

function titleOf(titles: ReadonlyMap<string, string>, number: number, service: string): string {
  const prefix = `${number} `;
  for (const [key, title] of titles) {
    if (key.startsWith(prefix) && key.slice(prefix.length - 1).includes(` ${service} `)) return title;
  }
  return "";
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value.slice(0, LONGEST) : "";
}
