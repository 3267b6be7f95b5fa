import { isPathPrefix } from "../config/service-schema.ts";
import type { Named } from "./services.ts";
import type { FoundService } from "./types.ts";

/** The order in which one of several is taken for what people reach first. */
const FRONTS = ["gateway", "edge", "web", "frontend", "www", "site", "app", "api", "bff"];

/** Prefixes of the edge: as an Ingress has them, else `/` for the service that most likely stands in front. */
export function withEdges(services: readonly FoundService[], named: readonly Named[]): FoundService[] {
  const taken = new Map<string, string>();
  for (const { unit, name } of named) {
    const service = services.find((one) => one.name === name);
    const prefixes = unit.clues
      .flatMap((clue) => clue.prefixes ?? [])
      .map(withoutSlash)
      .filter(isPathPrefix);
    const free = prefixes.find((prefix) => !taken.has(prefix));
    if (service?.protocol === "http" && free !== undefined) taken.set(free, name);
  }
  if (taken.size === 0) {
    const front = frontOf(services, named);
    if (front !== undefined) taken.set("/", front);
  }
  const edges = new Map([...taken].map(([prefix, name]) => [name, prefix]));
  return services.map((service) => ({ ...service, edge: edges.get(service.name) }));
}

const withoutSlash = (prefix: string) => prefix.replace(/(?<=.)\/$/, "");

function frontOf(services: readonly FoundService[], named: readonly Named[]): string | undefined {
  const called = new Set(services.flatMap(({ calls }) => [...calls.values()]));
  const published = new Set(
    named.flatMap(({ unit, name }) => (unit.clues.some(({ isPublished }) => isPublished) ? [name] : [])),
  );
  const score = ({ name, calls }: FoundService) => {
    const front = FRONTS.findIndex((word) => name.split("-").includes(word));
    return [
      called.has(name) ? 0 : 1,
      published.has(name) ? 1 : 0,
      front === -1 ? 0 : FRONTS.length - front,
      calls.size > 0 ? 1 : 0,
    ];
  };
  const http = services.filter(({ protocol }) => protocol === "http");
  return http.toSorted((a, b) => compare(score(b), score(a)))[0]?.name;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  return index === -1 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
