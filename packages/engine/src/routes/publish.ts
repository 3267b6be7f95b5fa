import type { Config, RouteTable, ServiceConfig } from "@perch/core";
import type { Logger } from "pino";
import type { KnownPorts } from "../state/ports.ts";
import type { CanaryUseRecord } from "./canary-use.ts";
import { type ClientLimit, unlimited } from "./client-limit.ts";
import { startGrpcRouter } from "./grpc/index.ts";
import { startEdge, startHttpRouter } from "./http/index.ts";
import type { Observe } from "./observe.ts";
import type { ServerCertificate } from "./tls/certificate.ts";

/** The edge and the router of each apex service, all reading one route table. */
export interface Routers {
  /** `host:port` of the edge's listeners. */
  readonly edge: readonly { host: string; port: number }[];
  /** Apex address by service: what callers are given. */
  readonly apex: ReadonlyMap<string, string>;
  /** Swaps the table; requests under way keep the one that they began with. */
  publish(table: RouteTable): void;
  /** Resolves when no request to an address is under way, or after the time-out (milliseconds). */
  release(address: string, timeout: number): Promise<void>;
  /**
   * The edge takes no new request and lets those under way end within the grace (milliseconds), or until it is hurried. The apex
   * routers take calls as long: a request that is under way may have some to make yet. The first call decides.
   */
  close(grace: number, hurry?: AbortSignal): Promise<void>;
}

export interface RoutersOptions {
  readonly config: Config;
  readonly hosts: readonly string[];
  readonly edgePort: number;
  /** For TLS at the edge; absent: without. */
  readonly certificate?: ServerCertificate;
  /** Whether the edge believes a peer, by its IP address, what it says of the client; absent: nobody. */
  readonly trusts?: (peer: string) => boolean;
  readonly table: RouteTable;
  readonly logger: Logger;
  /** Of the connections that clients hold to all of them; absent: there is none. */
  readonly limit?: ClientLimit;
  /** Told how each request of each variant went; absent: nobody is. */
  readonly observe?: Observe;
  /** Holds requests for canaries that sleep; absent: none does. */
  readonly use?: CanaryUseRecord;
  /** Of the apex addresses; those of an earlier engine are taken again where they are free. Absent: any. */
  readonly ports?: KnownPorts;
}

type Router = Omit<Routers, "edge" | "apex" | "publish"> & {
  readonly listening: readonly { host: string; port: number }[];
};

const LOOPBACK = "127.0.0.1";

/** @throws PerchError PORT_IN_USE */
export async function openRouters(options: RoutersOptions): Promise<Routers> {
  let current = options.table;
  const table = () => current;
  const { logger, ports, use } = options;
  const limit = options.limit ?? unlimited(logger);
  const observe = options.observe === undefined ? {} : { observe: options.observe };
  const shared = { table, logger, limit, ...observe, ...(use === undefined ? {} : { use }) };
  const { certificate, trusts } = options;
  const edge = await startEdge({
    listen: options.hosts.map((host) => ({ host, port: options.edgePort })),
    ...shared,
    ...(certificate === undefined ? {} : { certificate }),
    ...(trusts === undefined ? {} : { trusts }),
  });
  const apexRouters: Router[] = [];
  const apex = new Map<string, string>();
  for (const { name, protocol } of apexServices(options.config)) {
    const start = protocol === "grpc" ? startGrpcRouter : startHttpRouter;
    const startAt = (port: number): Promise<Router> =>
      start({ ...shared, listen: [{ host: LOOPBACK, port }], service: name });
    const known = ports?.of(`apex/${name}`) ?? 0;
    const router = await startAt(known).catch((error: unknown) => {
      if (known === 0) throw error;
      return startAt(0);
    });
    apexRouters.push(router);
    const { port } = router.listening[0] ?? { port: 0 };
    apex.set(name, `${LOOPBACK}:${port}`);
    await ports?.keep(`apex/${name}`, port);
  }
  let closed: Promise<unknown> | undefined;
  return {
    edge: edge.listening,
    apex,
    publish: (next) => {
      current = next;
      use?.published(next);
    },
    release: async (address, timeout) => {
      await Promise.all([edge, ...apexRouters].map((router) => router.release(address, timeout)));
    },
    close: async (grace, hurry) => {
      closed ??= closeOutsideIn(edge, apexRouters, grace, hurry);
      await closed;
    },
  };
}

async function closeOutsideIn(
  edge: Router,
  apexRouters: readonly Router[],
  grace: number,
  hurry?: AbortSignal,
): Promise<void> {
  const begun = performance.now();
  await edge.close(grace, hurry);
  const left = Math.max(0, grace - (performance.now() - begun));
  await Promise.all(apexRouters.map((router) => router.close(left, hurry)));
}

/** Services that another one calls, and those that nothing else could reach. */
function apexServices(config: Config): ServiceConfig[] {
  const services = [...config.services.values()];
  const called = new Set(services.flatMap((service) => [...service.calls.values()]));
  return services.filter(
    ({ name, edge, local }) => local !== undefined && (called.has(name) || edge === undefined),
  );
}
