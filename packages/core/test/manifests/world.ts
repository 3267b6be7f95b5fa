import { type Availability, canaryName, type Decision, type RouteTable } from "@perch/core";
import fc from "fast-check";
import { routeService, stableService, UNAVAILABLE } from "../../src/manifests/names.ts";
import { edgeServices, type Project, projectOf } from "../../src/manifests/project.ts";
import { anyConfig } from "./support.ts";

/** A project with canaries, and requests to it. */
export interface World {
  readonly project: Project;
  readonly canaries: readonly WorldCanary[];
  /** For a pick among services: any number stands for one of them. */
  readonly seeds: readonly RequestSeed[];
}

export interface WorldCanary {
  readonly service: string;
  readonly pr: number;
  /** Its Service is gone, or not there yet. */
  readonly isGone: boolean;
}

export interface RequestSeed {
  readonly pick: number;
  /** Written for the project by `linesOf`. */
  readonly selector: readonly (number | readonly [pick: number, pr: number] | string)[];
  readonly suffix: string;
  readonly pr: number;
}

const pr = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom(44, 444, 9_999_999_999));
const pick = fc.nat(20);

/** Selectors that the grammar refuses, and that Traefik's rules refuse too. */
const GARBAGE = ["0", "07", "7,8", "x", "a=0", "a=1,7", "a= 1", ",a=1", "a=1,", "12345678901", "A=1", "=1"];

const seed: fc.Arbitrary<RequestSeed> = fc.record({
  pick,
  pr,
  suffix: fc.constantFrom("", "/", "/items/1", "x"),
  selector: fc.oneof(
    fc.constant([]),
    pr.map((one) => [one]),
    fc.array(fc.tuple(pick, pr), { minLength: 1, maxLength: 4 }),
    fc.constantFrom(...GARBAGE).map((text) => [text]),
  ),
});

/** Any project with some canaries and requests. */
export const anyWorld: fc.Arbitrary<World> = fc
  .record({
    config: anyConfig,
    open: fc.array(fc.record({ pick, pr, isGone: fc.boolean() }), { maxLength: 6 }),
    seeds: fc.array(seed, { minLength: 5, maxLength: 20 }),
  })
  .map(({ config, open, seeds }) => {
    const project = projectOf(config);
    const canaries = new Map(
      open.map(({ pick: index, pr: number, isGone }) => {
        const service = serviceAt(project, index);
        return [canaryName(service, number), { service, pr: number, isGone }];
      }),
    );
    return { project, canaries: [...canaries.values()], seeds };
  });

export function serviceAt({ services }: Project, index: number): string {
  const names = [...services.keys()];
  return names[index % names.length] ?? "";
}

/** The `X-Canary` lines of a seed; a service once, one in four of them one that the project does not have. */
export function linesOf(project: Project, { selector }: RequestSeed): string[] {
  const entries = new Map<string, number>();
  for (const one of selector) {
    if (typeof one !== "object") return [String(one)];
    entries.set(one[0] % 4 === 3 ? "elsewhere" : serviceAt(project, one[0]), one[1]);
  }
  if (entries.size === 0) return [];
  return [[...entries].map(([service, number]) => `${service}=${number}`).join(",")];
}

/** What core routes by, in that world. */
export function routeTableOf({ project, canaries }: World): RouteTable {
  const services = [...project.services.values()].map(({ name, protocol }) => {
    const own = canaries.filter(({ service }) => service === name);
    const ready = (number?: number): Availability => ({
      kind: "ready",
      backend: { service: name, address: "", revision: "", ...(number !== undefined && { pr: number }) },
    });
    const byNumber = own.map(
      (one) =>
        [
          one.pr,
          one.isGone ? ({ kind: "unready", state: "queued", detail: "" } as const) : ready(one.pr),
        ] as const,
    );
    return [name, { service: name, protocol, stable: ready(), canaries: new Map(byNumber) }] as const;
  });
  const edgePrefixes = edgeServices(project)
    .map(({ name, edge }) => ({ prefix: edge, service: name }))
    .reverse();
  return { edgeHosts: [project.edge.host], edgePrefixes, services: new Map(services) };
}

/** Which Services are there. */
export function servicesOf({ project, canaries }: World): (namespace: string, name: string) => boolean {
  const stable = [...project.services.keys()].flatMap((name) => [name, stableService(name)]);
  const known = new Set([
    ...[UNAVAILABLE, ...stable].map((name) => `${project.cluster.namespace}/${name}`),
    ...canaries
      .filter(({ isGone }) => !isGone)
      .map(({ service, pr: number }) => `${canaryName(service, number)}/${routeService(service)}`),
  ]);
  return (namespace, name) => known.has(`${namespace}/${name}`);
}

/** `api` for stable, `api@7` for a canary, `503`; what else there is, as it is. */
export function answererOf(
  { project }: Pick<World, "project">,
  { namespace, name }: { namespace: string; name: string },
): string {
  if (namespace === project.cluster.namespace) {
    if (name === UNAVAILABLE) return "503";
    return project.services.has(name) ? name : name.replace(/-stable$/, "");
  }
  const [, service, number] = /^(.*)-canary-pr-([0-9]+)$/.exec(namespace) ?? [];
  return name === routeService(service ?? "") ? `${service}@${number}` : `${namespace}/${name}`;
}

/** The same for what core decides. */
export function wordOf(decision: Decision): string {
  if (decision.kind === "unavailable") return "503";
  const { service, pr: number } = decision.backend;
  return number === undefined ? service : `${service}@${number}`;
}
