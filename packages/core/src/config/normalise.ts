import { normalPath, parseDuration } from "./scalars.ts";
import type { WrittenConfig } from "./schema.ts";
import type { WrittenLocal, WrittenService } from "./service-schema.ts";
import type { CanaryConfig, Config, LocalConfig, Protocol, Readiness, ServiceConfig } from "./types.ts";

/** Fills in the defaults that depend on other keys, and resolves units. Takes only what passed schema and rules. */
export function normalise(written: WrittenConfig): Config {
  const { project, mesh, edge, registry, services, canary, cluster } = written;
  return {
    project,
    mesh,
    edge: { ...edge, certificate: edge.certificate },
    registry,
    services: new Map(
      Object.entries(services).map(([name, service]) => [name, normaliseService(name, service)]),
    ),
    canary: normaliseCanary(canary),
    cluster: {
      ...cluster,
      environmentRepo: cluster.environmentRepo ?? onlyRepository(Object.values(services)),
      imagePullSecret: cluster.imagePullSecret,
      restartAccount: cluster.restartAccount,
    },
  };
}

function onlyRepository(services: readonly WrittenService[]): string | undefined {
  const [only, ...others] = new Set(services.map(({ repo }) => repo));
  return others.length === 0 ? only : undefined;
}

function normaliseService(name: string, written: WrittenService): ServiceConfig {
  const path = normalPath(written.path);
  const { repo, protocol, edge, grpcServices = [], calls, secrets, database, local } = written;
  return {
    name,
    repo,
    path,
    paths: written.paths?.map(normalPath) ?? [path],
    protocol,
    edge,
    grpcServices,
    calls: new Map(Object.entries(calls)),
    port: written.port ?? (protocol === "grpc" ? 50_051 : 80),
    secrets: new Map(Object.entries(secrets)),
    database,
    local: local === undefined ? undefined : normaliseLocal(local, protocol),
  };
}

function normaliseLocal(written: WrittenLocal, protocol: Protocol): LocalConfig {
  const { install, build, start, ready, env } = written;
  return {
    install,
    build,
    start,
    ready: readiness(ready ?? (protocol === "grpc" ? "grpc" : "/readyz")),
    env,
    buildTimeout: milliseconds(written.buildTimeout),
    readyTimeout: milliseconds(written.readyTimeout),
    stopTimeout: milliseconds(written.stopTimeout),
  };
}

function readiness(written: string): Readiness {
  return written === "grpc" ? { kind: "grpc" } : { kind: "http", path: written };
}

function normaliseCanary(written: WrittenConfig["canary"]): CanaryConfig {
  const { replicas, maxReplicas = Math.max(2, replicas), ttl, idle, keepImages, quota } = written;
  return {
    replicas,
    maxReplicas,
    ttl: milliseconds(ttl),
    idle: milliseconds(idle),
    maxOpen: written.maxOpen,
    maxRunning: written.maxRunning,
    maxBuilds: written.maxBuilds,
    keepImages: keepImages === undefined ? 0 : milliseconds(keepImages),
    quota: { cpu: String(quota.cpu), memory: String(quota.memory) },
  };
}

function milliseconds(text: string): number {
  const value = parseDuration(text);
  if (value === undefined) throw new RangeError(`Expected a duration; found ${text}`);
  return value;
}
