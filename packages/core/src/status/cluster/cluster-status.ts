import type { Config, ServiceConfig } from "../../config/types.ts";
import { stableApplication } from "../../manifests/apps/stable-applications.ts";
import { routeService } from "../../manifests/names.ts";
import { apexAddress, edgeServices, isCalled, stableBackend } from "../../manifests/project.ts";
import { parseVariantName, variantName } from "../../naming.ts";
import { problems } from "../problems.ts";
import { isSettled, waysTo } from "../status.ts";
import type {
  ClusterStatus,
  EdgeStatus,
  PullRequestStatus,
  ServiceStatus,
  Unread,
  VariantStatus,
} from "../types.ts";
import type {
  Application,
  ApplicationSet,
  ClusterEvent,
  Deployment,
  EndpointSlice,
  Metadata,
  Pod,
  ReplicaSet,
} from "./objects.ts";
import { clusterSources } from "./sources.ts";
import { isRead, unreadProblems } from "./unread.ts";
import { clusterVariant, type VariantObjects } from "./variant.ts";

/** What was read of a cluster, and what could not be. */
export interface ClusterReading {
  /** Those of Argo CD's namespace. */
  readonly applications: readonly Application[];
  readonly applicationSets: readonly ApplicationSet[];
  readonly deployments: readonly Deployment[];
  readonly replicaSets: readonly ReplicaSet[];
  readonly pods: readonly Pod[];
  /** Those of pods that could not be made: reason FailedCreate. */
  readonly events: readonly ClusterEvent[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly unread: readonly Unread[];
}

/** One document of what a cluster's own objects say: the same that an engine tells of its machine. @param now epoch milliseconds */
export function clusterStatus(config: Config, reading: ClusterReading, now: number): ClusterStatus {
  const edge = edgeStatus(config);
  const byNamespace = index(reading);
  const canaries = wantedCanaries(reading);
  const services = [...config.services.values()].map((service): ServiceStatus => {
    const own = canaries.filter((canary) => canary.service === service.name);
    return {
      service: service.name,
      protocol: service.protocol,
      ...(service.edge === undefined ? {} : { edge: service.edge }),
      ...(isCalled(config, service) ? { apex: apexAddress(config, service) } : {}),
      stable: stableVariant(config, service, byNamespace, now),
      canaries: own.map(({ pr }) => canaryVariant({ config, service, pr, edge }, byNamespace, now)),
    };
  });
  const variants = services.flatMap((service) => [service.stable, ...service.canaries]);
  const sources = clusterSources(config, reading);
  return {
    project: config.project,
    cluster: { namespace: config.cluster.namespace, unread: reading.unread },
    edge,
    sources,
    services,
    pullRequests: pullRequests(config, services),
    problems: [...unreadProblems(reading.unread), ...problems(sources, variants)],
    settled: isSettled(sources, variants, []),
  };
}

/** Where its name points, as far as `perch.yaml` knows it: a load balancer may listen on other ports. */
function edgeStatus(config: Config): EdgeStatus {
  const { host, tls } = config.edge;
  return {
    url: `${tls ? "https" : "http"}://${host}`,
    listening: [],
    secure: tls,
    tryPath: edgeServices(config)[0]?.edge ?? "/",
  };
}

/** By number, each once: those with an Application, or with pods where Applications cannot be read. */
function wantedCanaries(reading: ClusterReading): { service: string; pr: number }[] {
  const names = isRead(reading.unread, "applications")
    ? reading.applications.map(({ metadata }) => metadata.name.replace(/-platform$/, ""))
    : [...reading.deployments, ...reading.pods].map(({ metadata }) => metadata.namespace ?? "");
  return [...new Set(names)]
    .flatMap((name) => {
      const { service, pr } = parseVariantName(name) ?? {};
      return service === undefined || pr === undefined ? [] : [{ service, pr }];
    })
    .sort((a, b) => a.pr - b.pr);
}

/** Objects by their namespace. */
interface Index {
  readonly deployments: ReadonlyMap<string, Deployment[]>;
  readonly replicaSets: ReadonlyMap<string, ReplicaSet[]>;
  readonly pods: ReadonlyMap<string, Pod[]>;
  readonly events: ReadonlyMap<string, ClusterEvent[]>;
  readonly endpointSlices: ReadonlyMap<string, EndpointSlice[]>;
  /** By name: they all are in one namespace. */
  readonly applications: ReadonlyMap<string, Application>;
  readonly unread: readonly Unread[];
}

function index({
  deployments,
  replicaSets,
  pods,
  events,
  endpointSlices,
  applications,
  unread,
}: ClusterReading): Index {
  return {
    deployments: grouped(deployments),
    replicaSets: grouped(replicaSets),
    pods: grouped(pods),
    events: grouped(events),
    endpointSlices: grouped(endpointSlices),
    applications: new Map(applications.map((one) => [one.metadata.name, one])),
    unread,
  };
}

function grouped<T extends { readonly metadata: Metadata }>(objects: readonly T[]): Map<string, T[]> {
  return Map.groupBy(objects, ({ metadata }) => metadata.namespace ?? "");
}

/** The objects of a variant: what is in its namespace, with the endpoints of one Service. */
function objectsOf(
  { namespace, serviceName, title }: { namespace: string; serviceName: string; title: string },
  found: Index,
): VariantObjects {
  const read = <T>(resource: string, all: ReadonlyMap<string, T[]>) =>
    isRead(found.unread, resource, namespace) ? (all.get(namespace) ?? []) : undefined;
  return {
    application: found.applications.get(title),
    platform: found.applications.get(`${title}-platform`),
    isArgocdRead: isRead(found.unread, "applications"),
    deployments: read("deployments", found.deployments),
    replicaSets: read("replicasets", found.replicaSets),
    pods: read("pods", found.pods),
    events: read("events", found.events),
    endpointSlices: read("endpointslices", found.endpointSlices)?.filter(
      ({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === serviceName,
    ),
  };
}

function stableVariant(config: Config, service: ServiceConfig, found: Index, now: number): VariantStatus {
  const { namespace } = config.cluster;
  const title = stableApplication(config, service.name);
  const objects = objectsOf({ namespace, title, serviceName: stableBackend(config, service) }, found);
  return clusterVariant(objects, {
    service,
    place: { variant: { service: service.name }, title, namespace },
    now,
  });
}

interface Canary {
  readonly config: Config;
  readonly service: ServiceConfig;
  readonly pr: number;
  readonly edge: EdgeStatus;
}

function canaryVariant({ config, service, pr, edge }: Canary, found: Index, now: number): VariantStatus {
  const variant = { service: service.name, pr };
  const name = variantName(variant);
  const objects = objectsOf({ namespace: name, title: name, serviceName: routeService(service.name) }, found);
  const place = { variant, title: name, namespace: name };
  return { ...clusterVariant(objects, { service, place, now }), ...waysTo(variant, config, edge) };
}

/** The pull requests of those canaries. A cluster knows of their heads what their images are tagged with, and no title. */
function pullRequests(
  { services: configs }: Config,
  services: readonly ServiceStatus[],
): PullRequestStatus[] {
  const canaries = services.flatMap((service) => service.canaries);
  const byPullRequest = Map.groupBy(canaries, ({ service, pr }) => `${configs.get(service)?.repo} ${pr}`);
  return [...byPullRequest.values()]
    .flatMap((own) => {
      const [first] = own;
      const repo = configs.get(first?.service ?? "")?.repo;
      if (first?.pr === undefined || repo === undefined) return [];
      const head = first.next?.revision ?? first.revision;
      return [{ repo, number: first.pr, head, title: "", services: own.map(({ service }) => service) }];
    })
    .sort((a, b) => a.number - b.number);
}
